// Whether the allocator itself is whole, after what a program did to its blocks.

#pragma once

#include <malloc.h>
#include <stdint.h>

#include <algorithm>

#include "mixed.h"
#include "process.h"

struct Living {
  unsigned char* start;
  size_t size;
  unsigned char stamp;
};

inline size_t some_living_size(Random& random, size_t often) {
  if (random.below(2) == 0) return often;
  return 1 + random.below(random.below(30) == 0 ? 200000 : 3000);
}

// Every byte of each is as it was written, unless two own it.
inline void expect_kept(const Living& living) {
  for (size_t i = 0; i < living.size; ++i) REQUIRE(living.start[i] == living.stamp);
}

// Takes thousands of blocks, half of them of the size `often`: they lie apart, and keep what is
// written to them. Returns how many were handed out to two owners at once, the same block each
// time; blocks that overlap in another way end the process. Gives all back, those once.
inline size_t blocks_with_two_owners(size_t often) {
  constexpr size_t kBlocks = 3000;
  static Living living[kBlocks];
  Random random(5);
  for (Living& one : living) {
    one.size = some_living_size(random, often);
    one.start = static_cast<unsigned char*>(malloc(one.size));
    one.stamp = static_cast<unsigned char>(random.next());
    REQUIRE(one.start != nullptr);
    memset(one.start, one.stamp, one.size);
  }
  std::sort(living, living + kBlocks,
            [](const Living& a, const Living& b) { return a.start < b.start; });
  size_t same = 0;
  for (size_t i = 0; i < kBlocks; ++i) {
    const bool again = i > 0 && living[i].start == living[i - 1].start;
    const bool shared = again || (i + 1 < kBlocks && living[i].start == living[i + 1].start);
    REQUIRE(again || i == 0 || living[i].start >= living[i - 1].start + living[i - 1].size);
    if (!shared) expect_kept(living[i]);
    same += again;
  }
  for (size_t i = 0; i < kBlocks; ++i) {
    if (i == 0 || living[i].start != living[i - 1].start) free(living[i].start);
  }
  return same;
}

inline void expect_heap_whole(size_t often) { EXPECT(blocks_with_two_owners(often) == 0); }
