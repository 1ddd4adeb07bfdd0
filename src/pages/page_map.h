// page_map.h - address -> size class: what the hit path of `free` reads.
//
// One flat byte per page of the whole window, behind the tables of the block check, so that one
// base register reaches everything. All zeros, it says "not ours" to any address. Written under the
// central or page-heap lock of the page concerned, read by anyone.
//
//   | base | offset_mask[] | multiplier[] | bound[] |   page_count | class_of[0], class_of[1] ... |
//   |          read-only after the start            |
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/size_classes.h"
#include "platform/os.h"

namespace tamari {

struct alignas(os::kSealBytes) PageMap {
  char* base;                          // address of page 0
  uint64_t offset_mask[kClassValues];  // offset in the span, and everything beyond the window
  uint64_t multiplier[kClassValues];   // zero where the value is no size class,
  uint64_t bound[kClassValues];        // so that the check fails there
  alignas(os::kSealBytes) size_t page_count;  // in use so far; grows, never shrinks
  uint8_t class_of[kMaxPages];                // untouched pages of it cost address space only

  // The hit path's lookup: the class of the page at an address of the window, whatever it is given.
  // Addresses outside alias a page inside; is_block_start() then says no (their bits beyond the
  // window make the product large: for a multiple of the block size always, else but for one in
  // 2^40).
  size_t class_at_offset(size_t offset) const {
    constexpr unsigned kBeyond = 64 - kWindowShift;
    return __atomic_load_n(&class_of[offset << kBeyond >> (kBeyond + kPageShift)],
                           __ATOMIC_RELAXED);
  }
  bool is_block_start(size_t offset, size_t size_class) const {
    return (offset & offset_mask[size_class]) * multiplier[size_class] < bound[size_class];
  }

  size_t offset_of(const void* pointer) const {
    return static_cast<size_t>(static_cast<const char*>(pointer) - base);
  }
  // The slow paths' exact versions.
  size_t page_of(const void* pointer) const { return offset_of(pointer) >> kPageShift; }
  bool covers(size_t page) const { return page < __atomic_load_n(&page_count, __ATOMIC_RELAXED); }
  size_t class_at(size_t page) const { return __atomic_load_n(&class_of[page], __ATOMIC_RELAXED); }
  char* address_of(size_t page) const { return base + (page << kPageShift); }

  void set_classes(size_t first, size_t pages, uint8_t value) {
    for (size_t i = 0; i < pages; ++i)
      __atomic_store_n(&class_of[first + i], value, __ATOMIC_RELAXED);
  }

  // Fills the tables; `class_of` starts as zeros.
  void init(char* first_page) {
    base = first_page;
    for (size_t c = 1; c < kClassCount; ++c) {
      offset_mask[c] = ~(kMaxWindowBytes - 1) | (kSizeClasses[c].span_pages * kPageBytes - 1);
      multiplier[c] = kSizeClasses[c].multiplier;
      bound[c] = kSizeClasses[c].bound;
    }
  }
};
static_assert(offsetof(PageMap, page_count) == os::kSealBytes);

}  // namespace tamari
