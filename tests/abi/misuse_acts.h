// The mistakes that misuse.cpp makes, each a function. Nothing here allocates but what the mistake
// needs: it may be about the first blocks of the process.

#pragma once

#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>

#include <new>
#include <thread>
#include <vector>

#include "process.h"

inline char* block_of(size_t size) {
  auto* block = static_cast<char*>(opaque(malloc(size)));
  REQUIRE(block != nullptr);
  return block;
}

inline char* beyond_start(size_t size, size_t offset) { return opaque(block_of(size) + offset); }

inline char* freed(size_t size) {
  char* block = block_of(size);
  free(block);
  return opaque(block);
}

inline char* foreign_mapping() { return map_table<char>(1 << 20); }

inline int some_static = 1;

inline char* address_of_static() { return reinterpret_cast<char*>(opaque(&some_static)); }

inline void free_text() { free(reinterpret_cast<char*>(opaque(&block_of))); }

inline void free_stack() {
  char local[64];
  free(opaque(&local[16]));
}

// Frees enough blocks of other sizes and the same to carry the first one out of every cache, then
// asks for all to be brought home.
inline void free_then_flush(size_t size, size_t others) {
  char* first = block_of(size);
  std::vector<char*> more(others);
  for (char*& block : more) block = block_of(size);
  free(first);
  for (char* block : more) free(block);
  malloc_trim(0);
  free(opaque(first));
  malloc_trim(0);
}

// Behind the last block that fits into a span of 64 KiB; spans lie at multiples of their size.
inline void free_span_tail() {
  constexpr uintptr_t kSpan = 64 << 10;
  free(reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(block_of(100)) | (kSpan - 1)) - 15));
}

inline void free_in_thread(char* block) {
  std::thread([=] { free(opaque(block)); }).join();
}

inline void double_free_elsewhere(size_t size) {
  char* block = block_of(size);
  free_in_thread(block);
  free_in_thread(block);
  malloc_trim(0);
}

// Both frees come from threads that did not allocate; the owner lives on.
inline void double_free_owner_then_thread(size_t size) {
  char* block = block_of(size);
  free(block);
  free_in_thread(block);
  malloc_trim(0);
}

inline void double_free_after_owner_exit(size_t size) {
  char* block = nullptr;
  std::thread([&] { block = block_of(size); }).join();
  free(opaque(block));
  free_in_thread(block);
  malloc_trim(0);
}

// Freed twice, not in a row: only the span knows, once the thread's cache has reached it.
inline void double_free_at_thread_exit() {
  std::thread([] {
    char* first = block_of(64);
    char* second = block_of(64);
    free(first);
    free(second);
    free(opaque(first));
  }).join();
  malloc_trim(0);
}

// The start of a block that malloc has not handed out yet: the span knows it as free.
inline void free_before_handed_out() {
  free(beyond_start(64, 64 * 300));
  malloc_trim(0);
}

// Not in every libc: the library's own.
template <class Function>
Function* preloaded(const char* name) {
  auto* function = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
  REQUIRE(function != nullptr);
  return function;
}

inline void sized_free(void* block, size_t bytes) {
  preloaded<void(void*, size_t)>("free_sized")(block, bytes);
}

inline void wrong_sized_free() { sized_free(block_of(100), 5000); }

inline uint64_t counted(const char* name) {
  uint64_t value = 0;
  REQUIRE(preloaded<int(const char*, uint64_t*)>("tamari_counter")(name, &value) == 0);
  return value;
}

// Each is counted, the first is said. Large blocks never leave by the hit path, which looks at no
// size.
inline void wrong_sized_deletes() {
  for (uint64_t i = 1; i <= 3; ++i) {
    operator delete (opaque(operator new(300000)), size_t{400000});
    EXPECT(counted("size_mismatches") == i);
  }
}

inline void wrong_alignment(size_t bytes, size_t alignment) {
  auto* free_aligned = preloaded<void(void*, size_t, size_t)>("free_aligned_sized");
  char* block = block_of(bytes);
  while (reinterpret_cast<uintptr_t>(block) % alignment == 0) block = block_of(bytes);
  free_aligned(block, alignment, bytes);
}

inline void wrong_aligned_delete() {
  void* block = operator new(100);
  while (reinterpret_cast<uintptr_t>(block) % 4096 == 0) block = operator new(100);
  operator delete (opaque(block), std::align_val_t{4096});
}

inline void too_small_sized_delete() { operator delete[](opaque(operator new[](5000)), size_t{8}); }

inline void delete_scalar_of_aligned_array() {
  constexpr std::align_val_t kAlignment{256};
  operator delete(opaque(operator new[](100, kAlignment, std::nothrow)), kAlignment);
}

inline void free_of_new_under(const char* policy) {
  using Set = int(const char*, const char*, char*, size_t);
  REQUIRE(preloaded<Set>("tamari_set")("family_mismatch", policy, nullptr, 0) == 0);
  free(opaque(operator new(100)));
}

inline void free_after_one_other() {
  char* first = block_of(64);
  char* second = block_of(64);
  free(first);
  free(second);
  free(opaque(first));
}

// A thread's array of a class is full when its first blocks have come from a span and are back.
inline void free_twice_into_full() {
  for (int i = 0; i < 1000; ++i) free(block_of(48));
  free(freed(48));
}

// The first free is far from the top of the cache, and its thread's newest are others.
inline void free_after_hundreds() {
  char* first = block_of(100);
  std::vector<char*> more(500);
  for (char*& block : more) block = block_of(100);
  free(first);
  for (char* block : more) free(block);
  free(opaque(first));
}

inline void write_at(char* block, ptrdiff_t offset) { opaque(block)[offset] = 'x'; }

inline char* zeroed_block_of(size_t size) {
  auto* block = static_cast<char*>(opaque(calloc(1, size)));
  REQUIRE(block != nullptr);
  return block;
}

// Writes `offset` bytes from the start of the second of two blocks, then frees both.
inline void write_and_free(size_t size, ptrdiff_t offset, char* (*get)(size_t) = block_of) {
  char* before = get(size);
  char* block = get(size);
  write_at(block, offset);
  free(block);
  free(before);
}

// Nobody frees the block, nor one behind it. That of a thread outlives it.
inline void overflow_and_keep(size_t size, ptrdiff_t offset) {
  std::thread([=] { write_at(block_of(size), offset); }).join();
}

// Before the only block of its size, which would be the first of a span.
inline void underflow_first() {
  char* block = block_of(3000);
  write_at(block, -1);
  free(block);
}

// The block before it is free: its size is asked for once.
inline void underflow_far() {
  char* block = block_of(3000);
  write_at(block, -32);
  free(block);
}

// Before the process ends, which looks at all that waits, a size is asked for the first time.
inline void write_after_free_then_miss() {
  write_at(freed(64), 5);
  opaque(block_of(3000));
  _exit(expect_status());
}

inline void write_after_free(size_t size) {
  char* block = freed(size);
  write_at(block, 5);
  for (int i = 0; i < 20000; ++i) free(block_of(size));
}

// The block waits no longer: enough others were freed after it.
inline void write_long_after_free(size_t size) {
  char* block = block_of(size);
  char* more[32];
  for (char*& other : more) other = block_of(size);
  free(block);
  for (char* other : more) free(other);
  write_at(block, static_cast<ptrdiff_t>(size - 1));
  free(block_of(size));
}
