// malloc.cpp - the malloc family of C, POSIX and glibc. No logic: arguments in, errno out.
// Semantics where the standards leave a choice are glibc's: malloc(0) is a block, realloc(p, 0)
// frees and returns NULL, free keeps errno.
#include <errno.h>
#include <stddef.h>

#include "heap/allocate.h"

namespace tamari {
namespace {

TAMARI_INLINE void* or_enomem(void* block) {
  if (TAMARI_UNLIKELY(block == nullptr)) errno = ENOMEM;
  return block;
}

TAMARI_SLOW void* malloc_slow(size_t bytes) { return or_enomem(allocate_slow(bytes)); }

void* aligned_or_errno(size_t alignment, size_t bytes) {
  return or_enomem(allocate_aligned(bytes, alignment));
}

}  // namespace
}  // namespace tamari

using namespace tamari;

extern "C" {

TAMARI_EXPORT void* malloc(size_t bytes) {
  void* block = allocate_hit(bytes);
  return TAMARI_LIKELY(block != nullptr) ? block : malloc_slow(bytes);
}

TAMARI_EXPORT void free(void* pointer) { deallocate(pointer); }
TAMARI_EXPORT void cfree(void* pointer) { deallocate(pointer); }
TAMARI_EXPORT void free_sized(void* pointer, size_t bytes) {
  deallocate(pointer, Family::kMalloc, bytes);
}
TAMARI_EXPORT void free_aligned_sized(void* pointer, size_t alignment, size_t bytes) {
  deallocate(pointer, Family::kMalloc, bytes, alignment);
}

TAMARI_EXPORT void* calloc(size_t count, size_t size) {
  size_t bytes = 0;
  if (TAMARI_UNLIKELY(__builtin_mul_overflow(count, size, &bytes))) return or_enomem(nullptr);
  return or_enomem(allocate_zeroed(bytes));
}

TAMARI_EXPORT void* realloc(void* pointer, size_t bytes) {
  if (pointer == nullptr) return malloc(bytes);
  if (bytes == 0) {
    deallocate(pointer);
    return nullptr;
  }
  return or_enomem(reallocate(pointer, bytes));
}

TAMARI_EXPORT void* reallocarray(void* pointer, size_t count, size_t size) {
  size_t bytes = 0;
  if (TAMARI_UNLIKELY(__builtin_mul_overflow(count, size, &bytes))) return or_enomem(nullptr);
  return realloc(pointer, bytes);
}

TAMARI_EXPORT int posix_memalign(void** result, size_t alignment, size_t bytes) {
  if (!is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  void* block = aligned_or_errno(alignment, bytes);
  if (block == nullptr) return ENOMEM;
  *result = block;
  return 0;
}

// glibc rounds an odd alignment up to a power of two, and refuses one above half the address space.
TAMARI_EXPORT void* memalign(size_t alignment, size_t bytes) {
  if (alignment > SIZE_MAX / 2 + 1) {
    errno = EINVAL;
    return nullptr;
  }
  return aligned_or_errno(is_power_of_two(alignment) ? alignment : std::bit_ceil(alignment), bytes);
}

// C17, and glibc since 2.38: no other alignment is valid. Any size is, as in C17.
TAMARI_EXPORT void* aligned_alloc(size_t alignment, size_t bytes) {
  if (!is_power_of_two(alignment)) {
    errno = EINVAL;
    return nullptr;
  }
  return aligned_or_errno(alignment, bytes);
}
TAMARI_EXPORT void* valloc(size_t bytes) { return aligned_or_errno(os::page_size(), bytes); }

TAMARI_EXPORT void* pvalloc(size_t bytes) {
  if (bytes > kMaxRequest) return or_enomem(nullptr);
  return aligned_or_errno(os::page_size(), round_up(bytes == 0 ? 1 : bytes, os::page_size()));
}

TAMARI_EXPORT size_t malloc_usable_size(void* pointer) {
  return usable_size(pointer, "invalid-usable-size", "malloc_usable_size");
}

// Names under which glibc's own functions are reachable.
void* __libc_malloc(size_t) TAMARI_ALIAS(malloc);
void __libc_free(void*) TAMARI_ALIAS(free);
void __libc_cfree(void*) TAMARI_ALIAS(cfree);
void* __libc_calloc(size_t, size_t) TAMARI_ALIAS(calloc);
void* __libc_realloc(void*, size_t) TAMARI_ALIAS(realloc);
void* __libc_memalign(size_t, size_t) TAMARI_ALIAS(memalign);
void* __libc_valloc(size_t) TAMARI_ALIAS(valloc);
void* __libc_pvalloc(size_t) TAMARI_ALIAS(pvalloc);
int __posix_memalign(void**, size_t, size_t) TAMARI_ALIAS(posix_memalign);

}  // extern "C"
