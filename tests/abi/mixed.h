// Random numbers and sizes for the programs: every run does the same.

#pragma once

#include <stddef.h>

inline constexpr size_t kMiB = 1 << 20;

// xorshift: rand would share a lock between the threads.
struct Random {
  unsigned long state;
  explicit Random(unsigned long seed) : state(seed * 2654435761 + 88172645463325252) {}
  unsigned long next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
  unsigned long below(unsigned long bound) { return next() % bound; }
};

// From 32 bytes to 16 KiB, as many in each doubling.
inline size_t mixed_size(Random& random) {
  const size_t low = size_t{32} << random.below(9);
  return low + random.below(low);
}
