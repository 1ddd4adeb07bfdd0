// allocate.h - the front door. Read this first: malloc and free, as they run when they hit.
//
//   allocate -> top of the class's array in this thread's cache
//       -> allocate_slow -> ThreadCache::refill_and_pop -> spare, stash, transfer cache, central list
//                                                          -> page heap -> arena -> kernel
//   deallocate -> page map: size class; is it the start of a block? -> push on the array
//       -> deallocate_slow    (array full, or the policy wants to see the owner) -> ThreadCache::push_slow
//       -> deallocate_unusual (null, large, foreign, not a block)
//
// The hit paths read no setting, count nothing and take no lock. Functions here never touch errno.
#pragma once

#include <cstddef>

#include "heap/heap.h"

namespace tamari {

// Cold continuations (allocate_slow.cpp, large.cpp).
TAMARI_SLOW void* allocate_slow(size_t bytes);
TAMARI_SLOW void* allocate_class_slow(size_t size_class);
TAMARI_SLOW void deallocate_slow(size_t size_class, void* block);
TAMARI_SLOW void deallocate_unusual(void* pointer);

// Null when there is no memory. Zero bytes get a block of their own.
TAMARI_INLINE void* allocate(size_t bytes) {
  if (TAMARI_LIKELY(bytes <= kMaxClassBytes)) {
    void* block = BlockStack::pop(t_cache->top[class_of_size(bytes)]);
    if (TAMARI_LIKELY(block != nullptr)) return block;
  }
  return allocate_slow(bytes);
}

TAMARI_INLINE void deallocate(void* pointer) {
  const PageMap& map = *g_page_map;
  const auto offset = static_cast<size_t>(static_cast<char*>(pointer) - map.base);
  const size_t page = offset >> kPageShift;
  if (TAMARI_UNLIKELY(!map.covers(page))) return deallocate_unusual(pointer);
  const size_t size_class = map.class_at(page);
  const uint64_t product = (offset & map.span_mask[size_class]) * map.multiplier[size_class];
  if (TAMARI_UNLIKELY(product >= map.bound[size_class])) return deallocate_unusual(pointer);

  ThreadCache& cache = *t_cache;
  Slot* top = cache.top[size_class].load(std::memory_order_relaxed);
  if (TAMARI_UNLIKELY(top >= cache.limit[size_class].load(std::memory_order_relaxed))) {
    return deallocate_slow(size_class, pointer);
  }
  if (TAMARI_UNLIKELY(top[-1].load(std::memory_order_relaxed) == pointer)) return deallocate_slow(size_class, pointer);
  BlockStack::push(cache.top[size_class], top, pointer);
}

// `alignment`: a power of two. Null when there is no memory.
void* allocate_aligned(size_t bytes, size_t alignment);

// Zeroed memory; the product must have been checked.
void* allocate_zeroed(size_t bytes);

// As realloc with a live block and bytes != 0: null leaves the block as it is.
void* reallocate(void* pointer, size_t bytes);

// Bytes that may be used; 0 for null. `function` names the caller in a report of a bad pointer.
size_t usable_size(const void* pointer, const char* code, const char* function);

// free_sized and sized delete: the size is a hint, checked for nothing yet.
TAMARI_INLINE void deallocate_sized(void* pointer, size_t) { deallocate(pointer); }

// --- Large blocks (large.cpp) --------------------------------------------------------------------

// `zero`, if not null, is told whether the memory reads as zero.
void* allocate_large(size_t bytes, size_t alignment, bool* zero);
void deallocate_large(void* pointer);
size_t large_size(const void* pointer);
// Grows or shrinks without moving; false if that cannot be.
bool resize_large(void* pointer, size_t bytes);
// Moves the pages of a large block into a larger one, without copying; false if that cannot be.
bool move_large(void* from, void* to, size_t bytes);

}  // namespace tamari
