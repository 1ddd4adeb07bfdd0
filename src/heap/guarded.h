// guarded.h - check=sample:N: now and then a block is put between inaccessible pages, so that a
// wrong access to it stops the program at that access, with the stacks of its malloc and free.
//
//   | guard | ... free ... | block, up to the last byte | guard |     or, as often,
//   | guard | block | ... slack with a pattern ...      | guard |
//
// Decided on the slow path alone: blocks that only ever go back and forth in a thread's cache are
// not sampled. The idea is GWP-ASan's. Slots are few, and used again oldest first. Thread-safe.
#pragma once

#include <cstddef>

#include "platform/lock.h"

namespace tamari {

// Before any other thread can be inside.
void start_guarding();

// A guarded block, if one is due for this thread; null otherwise.
void* allocate_guarded(size_t bytes, size_t alignment);

// False if the pointer is not in a slot. A wrong pointer into one is reported.
bool deallocate_guarded(void* pointer);

// Bytes that were asked for, at least 1; 0 if the pointer is not in a slot. A wrong pointer into
// one is reported, with `code` and as passed to `function`.
size_t guarded_size(const void* pointer, const char* code, const char* function);

// In a fork child: whether this thread is inside; and the repair.
bool is_inside_guarded();
void reset_guarded_after_fork(Whose whose);

}  // namespace tamari
