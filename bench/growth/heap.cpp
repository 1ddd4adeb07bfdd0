// heap: one thread keeps so many MiB live. The array of slots lies beside it, 8 bytes a block.
#include "bench/growth/dimension.h"
#include "bench/growth/population.h"

namespace tamari::bench {

void live_heap(const Growth& growth, Meter& meter) {
  constexpr std::uint64_t kMiB = 1 << 20;
  const std::uint64_t blocks = growth.value * kMiB / MixedSizes::kMean;
  Population population(blocks, kSeed, MixedSizes{});
  measure(population, blocks, growth.turns, meter);
}

}  // namespace tamari::bench
