// report.h - what the library says to a person: one line on standard error, by write(2) only.
// Format: "tamari: <code>: <what>: <address>[, <block there>], thread <id>; <what to do>". The
// block is named by what was asked for where checks know that (heap/checked.h), else by its size
// class or, if large, by its whole OS pages; an address inside it by the distance to its start.
// Safe anywhere, takes no lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/compiler.h"

namespace tamari {

enum class Family : uint8_t;  // heap/heap.h

constexpr size_t kUnknownSize = SIZE_MAX;

// The line itself, and more text that belongs to it.
// `asked`: the block's size, where the caller knows it and its record does not say so any more.
void write_line(const char* code, const char* what, const void* pointer, const char* advice,
                size_t asked = kUnknownSize);
void write_report(const char* text, size_t length);

// A line that needs no end of the process.
void warn(const char* code, const char* what, const char* advice);

// Misuse of a pointer: the line, then SIGABRT.
[[noreturn]] void fail_pointer(const char* code, const char* what, const void* pointer,
                               const char* advice, size_t asked = kUnknownSize);

// The pointer passed to `function` is no live block of ours: says which kind of wrong it is.
// Returns only when the `foreign` setting says to carry on.
void report_bad_pointer(const char* code, const char* function, const void* pointer);

// `function` was given a block that is free.
[[noreturn]] void report_freed(const char* code, const char* function, const void* pointer);

// An aligned free gave an alignment at which the block does not lie.
[[noreturn]] void fail_alignment(const void* block, size_t alignment_said);

// A block of one family was freed by another. Returns only when the `family_mismatch` setting says
// to carry on.
void report_family_mismatch(Family of_block, Family freed_by, const void* block, size_t asked);

// A sized free gave more bytes than the block has: counted, said once, survived.
void report_size_mismatch(const void* block, size_t bytes_said, size_t asked = kUnknownSize);

}  // namespace tamari
