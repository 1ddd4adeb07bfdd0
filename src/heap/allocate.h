// allocate.h - the front door. Read this first: malloc and free, as they run when they hit.
//
//   allocate -> top of the class's array in this thread's cache
//       -> allocate_slow -> ThreadCache::refill_and_pop -> spare, stash, transfer cache, central
//       list
//                                                          -> page heap -> arena -> kernel
//   deallocate -> page map: size class; is it the start of a block? -> push on the array
//       -> deallocate_slow    (array full, or the policy wants to see the owner) ->
//       ThreadCache::push_slow
//       -> deallocate_unusual (null, large, foreign, not a block)
//
// The hit paths read no setting, count nothing and take no lock. Functions here never touch errno.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heap/heap.h"

namespace tamari {

constexpr size_t kNoSize = SIZE_MAX;  // of a free that gives none
constexpr size_t kNoAlignment = 1;

// Cold continuations (allocate_slow.cpp, large.cpp).
TAMARI_SLOW void* allocate_slow(size_t bytes, Family family = Family::kMalloc);
// `zero`, if not null, is told whether the block is known to read as zero.
TAMARI_SLOW void* allocate_class_slow(size_t size_class, bool* zero = nullptr);
TAMARI_SLOW void deallocate_slow(void* block, size_t size_class, Family family = Family::kMalloc,
                                 size_t bytes_said = kNoSize, size_t alignment_said = kNoAlignment);
TAMARI_SLOW void deallocate_unusual(void* pointer);
TAMARI_SLOW void deallocate_unusual(void* pointer, Family family, size_t bytes_said = kNoSize,
                                    size_t alignment_said = kNoAlignment);
// A free block to the thread's cache, or to its span if the thread has none.
void return_block(void* block, size_t size_class);

// What the thread's cache holds for that size, or null.
TAMARI_INLINE void* allocate_hit(size_t bytes) {
  const size_t end = t_hits.bytes_end;
  if (end > kMaxClassBytes + 1) __builtin_unreachable();  // every hit has its entry in the table
  if (TAMARI_UNLIKELY(bytes >= end)) return nullptr;
  return BlockStack::pop(t_hits.cache->top, class_of_size(bytes));
}

// Null when there is no memory. Zero bytes get a block of their own.
TAMARI_INLINE void* allocate(size_t bytes, Family family = Family::kMalloc) {
  void* block = allocate_hit(bytes);
  return TAMARI_LIKELY(block != nullptr) ? block : allocate_slow(bytes, family);
}

// `said`: the family of a free that is not malloc's, the bytes that a sized one gives, and the
// alignment that an aligned one gives; looked at by the cold continuations alone.
template <class... Said>
TAMARI_INLINE void deallocate(void* pointer, Said... said) {
  const PageMap& map = g_page_map;
  const size_t offset = map.offset_of(pointer);
  const size_t size_class = map.class_at_offset(offset);
  if (TAMARI_UNLIKELY(!map.is_block_start(offset, size_class)))
    return deallocate_unusual(pointer, said...);

  ThreadCache& cache = *t_hits.cache;
  Slot* top = TAMARI_OWN_LOAD(cache.top[size_class]);
  if (TAMARI_UNLIKELY(top >= cache.limit[size_class]))
    return deallocate_slow(pointer, size_class, said...);
  if (TAMARI_UNLIKELY(TAMARI_OWN_LOAD(reinterpret_cast<void*&>(top[-1])) == pointer))
    return report_double_free(pointer);
  BlockStack::push(cache.top[size_class], top, pointer);
}

// `alignment`: a power of two. Null when there is no memory.
void* allocate_aligned(size_t bytes, size_t alignment, Family family = Family::kMalloc);

// Zeroed memory; the product must have been checked.
void* allocate_zeroed(size_t bytes);

// As realloc with a live block and bytes != 0: null leaves the block as it is.
void* reallocate(void* pointer, size_t bytes);

// Bytes that may be used; 0 for null. `function` names the caller in a report of a bad pointer.
size_t usable_size(const void* pointer, const char* code, const char* function);
// A resized block may stay where it is unless it wastes half of itself, and more than a cache line.
inline bool fits_in_place(size_t have, size_t bytes) {
  return bytes <= have && (bytes >= have / 2 || have <= TAMARI_CACHE_LINE);
}

// --- Large blocks (large.cpp) --------------------------------------------------------------------

// `zero`, if not null, is told whether the memory reads as zero. With `guards`, an inaccessible
// page lies on either side of the block, which may have no bytes.
void* allocate_large(size_t bytes, size_t alignment, bool* zero, bool guards = false);
// Of a pointer into the first page of a large block, which the page map calls kLargeFirst.
bool is_between_guards(const void* pointer);
void deallocate_large(void* pointer);
size_t large_size(const void* pointer);
// Grows or shrinks without moving; false if that cannot be.
bool resize_large(void* pointer, size_t bytes);
// Takes a block, with the guard pages around it, out of the page map; the caller owns the pages.
struct LargeRun {
  size_t first = 0;
  size_t pages = 0;
  bool has_guards = false;
};
LargeRun forget_large(void* pointer);
// Free, and accessible again. If the kernel refuses that, the addresses are given up.
void release_large(LargeRun run);
// Moves the pages of a large block into a larger one, without copying. kNot: it has to be copied.
enum class Move { kDone, kNot, kTargetLost };
Move move_large(void* from, void* to);

}  // namespace tamari
