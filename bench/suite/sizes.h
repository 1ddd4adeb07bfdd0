// Distributions of request sizes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "bench/random.h"

namespace tamari::bench {

inline std::size_t uniform_size(Random& random, std::size_t low, std::size_t high) {
  return low + random.below(high - low + 1);
}

// Every power of two between `low` and `high`, powers of two themselves, is equally likely; uniform
// in between.
inline std::size_t log_uniform_size(Random& random, std::size_t low, std::size_t high) {
  const auto steps = static_cast<unsigned>(std::countr_zero(high) - std::countr_zero(low));
  const std::size_t base = low << random.below(steps);
  return base + random.below(base) + 1;
}

// A power law: each doubling of the size is half as likely, up to low << doublings.
inline std::size_t power_law_size(Random& random, std::size_t low, unsigned doublings) {
  const std::uint64_t draw = random.next() >> 16;
  const auto step = static_cast<unsigned>(std::countr_one(draw));
  const std::size_t base = low << (step < doublings ? step : doublings - 1);
  return base + random.below(base) + 1;
}

}  // namespace tamari::bench
