// A library that owns malloc and leaves the work to glibc. Included by its one source file, which
// says what happens before each malloc.
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <new>

static void before_malloc();

extern "C" {

void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  before_malloc();
  return __libc_malloc(size);
}
void free(void* block) { __libc_free(block); }
void* calloc(std::size_t count, std::size_t size) { return __libc_calloc(count, size); }
void* realloc(void* block, std::size_t size) { return __libc_realloc(block, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  constexpr int kNoMemory = 12;
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? kNoMemory : 0;
}
std::size_t malloc_usable_size(void* block) {
  static auto* const real =
      reinterpret_cast<std::size_t (*)(void*)>(dlsym(RTLD_NEXT, "malloc_usable_size"));
  return real(block);
}

}  // extern "C"

void* operator new(std::size_t size) { return malloc(size); }
void* operator new[](std::size_t size) { return malloc(size); }
void operator delete(void* block) noexcept { free(block); }
void operator delete[](void* block) noexcept { free(block); }
void operator delete(void* block, std::size_t) noexcept { free(block); }
void operator delete[](void* block, std::size_t) noexcept { free(block); }
