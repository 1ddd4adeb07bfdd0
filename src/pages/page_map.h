// page_map.h - address -> size class: what the hit path of `free` reads.
//
// One flat byte per page, behind the tables of the block check, so that one base register reaches
// everything. Written under the central or page-heap lock of the page concerned, read by anyone.
//
//   | base, page_count | span_mask[] | multiplier[] | bound[] | class_of[page 0], class_of[page 1] ... |
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "config/size_classes.h"

namespace tamari {

constexpr size_t kClassValues = 256;  // a class byte can index every table without a test

struct PageMap {
  char* base;                          // address of page 0
  std::atomic<size_t> page_count;      // pages that class_of[] covers; grows, never shrinks
  uint32_t span_mask[kClassValues];    // span bytes - 1
  uint64_t multiplier[kClassValues];   // zero where the value is no size class,
  uint64_t bound[kClassValues];        // so that the check fails there
  std::atomic<uint8_t> class_of[1];    // really page_count of them

  size_t page_of(const void* pointer) const {
    return static_cast<size_t>(static_cast<const char*>(pointer) - base) >> kPageShift;
  }
  char* address_of(size_t page) const { return base + (page << kPageShift); }
  bool covers(size_t page) const { return page < page_count.load(std::memory_order_relaxed); }
  size_t class_at(size_t page) const { return class_of[page].load(std::memory_order_relaxed); }

  void set_classes(size_t first, size_t pages, uint8_t value) {
    for (size_t i = 0; i < pages; ++i) class_of[first + i].store(value, std::memory_order_relaxed);
  }

  // Fills the tables; `class_of` starts as zeros.
  void init(char* first_page) {
    base = first_page;
    for (size_t c = 1; c < kClassCount; ++c) {
      span_mask[c] = static_cast<uint32_t>(kSizeClasses[c].span_pages * kPageBytes - 1);
      multiplier[c] = kSizeClasses[c].multiplier;
      bound[c] = kSizeClasses[c].bound;
    }
  }
};

}  // namespace tamari
