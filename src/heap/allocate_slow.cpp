// allocate_slow.cpp - every cold continuation of allocate.h.
#include <algorithm>
#include <cstring>

#include "heap/allocate.h"
#include "heap/checked.h"
#include "heap/guarded.h"
#include "heap/report.h"

namespace tamari {
namespace {

// Of a pointer whose page the window covers: a live one would have a record (heap/checked.h).
bool is_checked(const void* pointer, size_t size_class) {
  if (!g_heap.checks()) return false;
  if (size_class == kLargeFirst)
    return g_page_map.offset_of(pointer) % kPageBytes == 0 && is_between_guards(pointer);
  return g_page_map.is_block_start(g_page_map.offset_of(pointer), size_class);
}

// For threads without a cache: straight from the central list.
void* allocate_uncached(size_t size_class) {
  if (!g_heap.is_ready()) return nullptr;
  g_heap.nobody().add_shared(Counter::alloc_uncached);
  Slot block{nullptr};
  return g_heap.shared.central.remove(size_class, &block, 1, 0).blocks == 1
             ? block.load(std::memory_order_relaxed)
             : nullptr;
}

void deallocate_uncached(size_t size_class, void* pointer) {
  g_heap.nobody().add_shared(Counter::free_uncached);
  Slot block{pointer};
  if (g_heap.shared.central.insert(size_class, &block, 1) != nullptr) report_double_free(pointer);
}

void* try_class(size_t size_class, bool* zero) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  Owner* owner = current_owner();
  if (owner != nullptr) {
    void* block = owner->cache.refill_and_pop(size_class, zero);
    if (block != nullptr) return block;
    if (zero != nullptr) *zero = false;  // a signal handler may have taken the one that was
  }
  return allocate_uncached(size_class);
}

TAMARI_NOINLINE void* reallocate_copy(void* pointer, size_t have, size_t bytes) {
  void* moved = allocate(bytes);
  if (moved == nullptr) return bytes <= have ? pointer : nullptr;
  std::memcpy(moved, pointer, std::min(bytes, have));
  count(Counter::realloc_copied);
  deallocate(pointer);
  return moved;
}

// Also of a full array, where a free does not come to the hit path's look at it.
bool is_newest(size_t size_class, const void* block) {
  return BlockStack::look(t_hits.cache->top[size_class])[-1].load(std::memory_order_relaxed) ==
         block;
}

// `of_checked` tells that of a block with a record.
size_t size_of(const void* pointer, const char* code, const char* function,
               size_t (*of_checked)(const void*, const char*, const char*)) {
  if (pointer == nullptr) return 0;
  const PageMap& map = g_page_map;
  const size_t page = map.page_of(pointer);
  if (map.covers(page)) {
    const size_t c = map.class_at(page);
    const bool is_block = map.is_block_start(map.offset_of(pointer), c);
    const bool is_large = c == kLargeFirst && map.address_of(page) == pointer;
    if (is_checked(pointer, c)) return of_checked(pointer, code, function);
    if (is_block) {
      if (is_newest(c, pointer)) report_freed(code, function, pointer);
      return kSizeClasses[c].size;
    }
    if (is_large) return large_size(pointer);
    if (const size_t bytes = guarded_size(pointer, code, function)) return bytes;
  }
  report_bad_pointer(code, function, pointer);
  return 0;
}

// `zero`, if not null, is told whether the memory is known to read as zero.
TAMARI_SLOW void* allocate_unchecked(size_t bytes, bool* zero) {
  if (void* block = allocate_guarded(bytes, kMinAlignment)) return block;
  if (bytes > kMaxClassBytes) return allocate_large(bytes, kPageBytes, zero);
  return allocate_class_slow(class_of_size(bytes), zero);
}

TAMARI_SLOW void deallocate_unchecked(void* block, size_t size_class, size_t bytes_said) {
  if (bytes_said != kNoSize && bytes_said > kSizeClasses[size_class].size)
    report_size_mismatch(block, bytes_said);
  if (TAMARI_UNLIKELY(is_newest(size_class, block))) report_double_free(block);
  return_block(block, size_class);
}

// Large, checked, or not ours.
TAMARI_SLOW void* reallocate_unusual(void* pointer, size_t bytes) {
  const size_t have = size_of(pointer, "invalid-realloc", "realloc", checked_size);
  const size_t page = g_page_map.page_of(pointer);
  const size_t size_class = g_page_map.covers(page) ? g_page_map.class_at(page) : kNoClass;
  if (is_checked(pointer, size_class) && checked_resize(pointer, bytes)) return pointer;
  // Checked, or checks have ended on the way here.
  if (g_page_map.is_block_start(g_page_map.offset_of(pointer), size_class))
    return reallocate_copy(pointer, have, bytes);
  const bool guards = size_class == kLargeFirst && is_between_guards(pointer);
  if (have == 0 && !guards) return nullptr;  // foreign, and reported: its size is not known
  if (size_class != kLargeFirst || guards) return reallocate_copy(pointer, have, bytes);
  if (bytes <= kMaxClassBytes)
    return fits_in_place(have, bytes) ? pointer : reallocate_copy(pointer, have, bytes);
  if (resize_large(pointer, bytes)) {
    count(Counter::realloc_in_place);
    return pointer;
  }
  if (have < g_heap.tunables.get(Tunable::mremap_min)) return reallocate_copy(pointer, have, bytes);
  void* moved = allocate(bytes);
  if (moved == nullptr) return nullptr;
  switch (move_large(pointer, moved)) {
    case Move::kDone:
      count(Counter::realloc_remapped);
      break;
    case Move::kNot:
      std::memcpy(moved, pointer, have);
      count(Counter::realloc_copied);
      break;
    case Move::kTargetLost:
      return nullptr;  // never given back: a mapping is missing there
  }
  deallocate(pointer);
  return moved;
}

}  // namespace

void* allocate_class_slow(size_t size_class, bool* zero) {
  void* block = try_class(size_class, zero);
  if (TAMARI_UNLIKELY(block == nullptr) && g_heap.is_ready()) {
    // Out of memory: take back what others hold in vain, and try once more.
    g_heap.background.purge_now(current_owner());
    block = try_class(size_class, zero);
    if (block == nullptr) count(Counter::alloc_failed);
  }
  g_heap.background.wake();
  return block;
}

// Under check=all each call passes here, and each free deallocate_slow(): they save no register.
void* allocate_slow(size_t bytes, Family family) {
  if (is_simply_to_be_checked() || is_to_be_checked(bytes))
    return checked_allocate(bytes, kMinAlignment, family);
  return allocate_unchecked(bytes, nullptr);
}

void return_block(void* block, size_t size_class) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  Owner* owner = current_owner();
  if (owner == nullptr) {
    deallocate_uncached(size_class, block);
    return;
  }
  owner->cache.push_slow(size_class, block);
  g_heap.background.wake();
}

void deallocate_slow(void* block, size_t size_class, Family family, size_t bytes_said,
                     size_t alignment_said) {
  if (g_heap.checks())
    return checked_deallocate(block, size_class, family, bytes_said, alignment_said);
  deallocate_unchecked(block, size_class, bytes_said);
}

void deallocate_unusual(void* pointer) {
  if (pointer != nullptr) deallocate_unusual(pointer, Family::kMalloc);
}

void deallocate_unusual(void* pointer, Family family, size_t bytes_said, size_t alignment_said) {
  if (pointer == nullptr) return;
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  const PageMap& map = g_page_map;
  const size_t page = map.page_of(pointer);
  if (map.covers(page) && map.class_at(page) == kLargeFirst && map.address_of(page) == pointer) {
    if (g_heap.checks() && is_between_guards(pointer))
      return checked_deallocate_large(pointer, family, bytes_said, alignment_said);
    if (bytes_said != kNoSize && bytes_said > large_size(pointer))
      report_size_mismatch(pointer, bytes_said);
    return deallocate_large(pointer);
  }
  if (deallocate_guarded(pointer)) return;
  report_bad_pointer("invalid-free", "free", pointer);
}

void* allocate_aligned(size_t bytes, size_t alignment, Family family) {
  if (alignment <= kMinAlignment) return allocate(bytes, family);
  if (TAMARI_UNLIKELY(is_to_be_checked(bytes))) return checked_allocate(bytes, alignment, family);
  if (bytes == 0) bytes = 1;
  const size_t size_class = bytes <= kMaxRequest ? class_of_aligned(bytes, alignment) : kNoClass;
  if (size_class == kNoClass) return allocate_large(bytes, alignment, nullptr);
  void* block = bytes < t_hits.bytes_end ? t_hits.cache->pop(size_class) : nullptr;
  return block != nullptr ? block : allocate_class_slow(size_class);
}

// From here on the kernel clears what was used before: most of it may be untouched, and stay so.
constexpr size_t kPurgeToClearBytes = size_t{16} << 20;

// A large block's clean pages need no clearing, and stay untouched; so does a smaller block that is
// the first to lie in its clean pages. Else smaller blocks are cleared: memory that was used a
// moment ago costs less than a fault, or two, for each fresh page. All that usable_size() tells is
// zero: some programs use it.
TAMARI_NOINLINE void* allocate_zeroed_slow(size_t bytes) {
  bool zero = false;
  void* block = nullptr;
  if (is_to_be_checked(bytes)) {
    block = checked_allocate(bytes, kMinAlignment, Family::kMalloc);
    zero = block != nullptr && g_heap.checks();
    if (zero) checked_zero(block, bytes);
  } else {
    block = allocate_unchecked(bytes, &zero);
    if (block != nullptr && zero) count(Counter::calloc_zero_skips);
  }
  if (block == nullptr || zero) return block;
  if (bytes >= kPurgeToClearBytes && os::purge(block, large_size(block))) return block;
  return std::memset(block, 0, usable_size(block, "invalid-usable-size", "calloc"));
}

void* allocate_zeroed(size_t bytes) {
  void* block = allocate_hit(bytes);
  return TAMARI_LIKELY(block != nullptr)
             ? std::memset(block, 0, kSizeClasses[class_of_size(bytes)].size)
             : allocate_zeroed_slow(bytes);
}

// Some programs ask at each malloc and each free: no more is looked at than a free looks at.
size_t usable_size(const void* pointer, const char* code, const char* function) {
  const PageMap& map = g_page_map;
  const size_t offset = map.offset_of(pointer);
  const size_t size_class = map.class_at_offset(offset);
  if (TAMARI_UNLIKELY(g_heap.may_check() || !map.is_block_start(offset, size_class)))
    return size_of(pointer, code, function, checked_usable);
  if (TAMARI_UNLIKELY(is_newest(size_class, pointer))) report_freed(code, function, pointer);
  return kSizeClasses[size_class].size;
}

void* reallocate(void* pointer, size_t bytes) {
  if (TAMARI_UNLIKELY(g_heap.may_check())) return reallocate_unusual(pointer, bytes);
  const PageMap& map = g_page_map;
  const size_t offset = map.offset_of(pointer);
  const size_t size_class = map.class_at_offset(offset);
  if (TAMARI_LIKELY(map.is_block_start(offset, size_class))) {
    const size_t have = kSizeClasses[size_class].size;
    if (TAMARI_UNLIKELY(is_newest(size_class, pointer)))
      report_freed("invalid-realloc", "realloc", pointer);
    return fits_in_place(have, bytes) ? pointer : reallocate_copy(pointer, have, bytes);
  }
  return reallocate_unusual(pointer, bytes);
}

}  // namespace tamari
