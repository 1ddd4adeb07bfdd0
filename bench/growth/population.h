// A population of live blocks that is turned over: random slots, one block each. A block's first
// word names its slot and is verified before the block is freed; nothing else of it is touched, so
// a large population is resident by about a page a block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "bench/check.h"
#include "bench/growth/meter.h"
#include "bench/mapped.h"
#include "bench/random.h"

namespace tamari::bench {

// Of what is measured: the same draws however far the dimension has grown.
inline constexpr std::uint64_t kSeed = 1;

// `Sizes` has draw(Random&): the bytes of the next block, at least 8.
template <typename Sizes>
class Population {
 public:
  Population(std::size_t slots, std::uint64_t seed, Sizes sizes)
      : slots_(slots), random_(seed), sizes_(sizes) {}
  ~Population() {
    for (std::size_t i = 0; i < slots_.size(); ++i) release(i);
  }
  Population(const Population&) = delete;
  Population& operator=(const Population&) = delete;

  void fill() {
    for (std::size_t i = 0; i < slots_.size(); ++i) make(i);
  }

  // Each turn frees the block of a random slot and puts another there.
  void turn_over(std::uint64_t turns) {
    for (std::uint64_t i = 0; i < turns; ++i) {
      const std::size_t slot = random_.below(slots_.size());
      release(slot);
      make(slot);
    }
  }

  // Reads and writes the first word of random blocks, as turn_over does.
  void walk(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps; ++i) {
      const std::size_t slot = random_.below(slots_.size());
      verify(slot);
      stamp(slot);
    }
  }

  // The sum of all sizes so far.
  std::uint64_t bytes() const { return bytes_; }

 private:
  static std::uint64_t stamp_of(std::size_t slot) { return ~static_cast<std::uint64_t>(slot); }

  void stamp(std::size_t slot) {
    const std::uint64_t word = stamp_of(slot);
    std::memcpy(slots_[slot], &word, sizeof word);
  }

  void verify(std::size_t slot) const {
    std::uint64_t word = 0;
    std::memcpy(&word, slots_[slot], sizeof word);
    require(word == stamp_of(slot), "a block's first word is intact");
  }

  void make(std::size_t slot) {
    const std::size_t bytes = sizes_.draw(random_);
    slots_[slot] = std::malloc(bytes);
    require(slots_[slot] != nullptr, "the allocator has memory");
    stamp(slot);
    bytes_ += bytes;
  }

  void release(std::size_t slot) {
    if (slots_[slot] == nullptr) return;
    verify(slot);
    std::free(slots_[slot]);
    slots_[slot] = nullptr;
  }

  MappedArray<void*> slots_;
  Random random_;
  Sizes sizes_;
  std::uint64_t bytes_ = 0;
};

// Fills the population, turns it over once, and measures: the turns first, then a walk of as many
// steps. A turn is two operations.
template <typename Sizes>
void measure(Population<Sizes>& population, std::uint64_t once, std::uint64_t turns, Meter& meter) {
  population.fill();
  population.turn_over(once);
  meter.start();
  population.turn_over(turns);
  meter.finish(2 * turns, population.bytes());
  meter.start_walk();
  population.walk(turns);
  meter.finish_walk(turns);
}

// Half of the blocks are small, half medium, uniform within.
struct MixedSizes {
  static constexpr std::size_t kLeast = 16;
  static constexpr std::size_t kSmall = 1024;
  static constexpr std::size_t kMedium = 32 * 1024;
  static constexpr std::size_t kMean = ((kLeast + kSmall) / 2 + (kSmall + 1 + kMedium) / 2) / 2;

  std::size_t draw(Random& random) const {
    const bool small = random.below(2) == 0;
    return small ? kLeast + random.below(kSmall - kLeast + 1)
                 : kSmall + 1 + random.below(kMedium - kSmall);
  }
};

}  // namespace tamari::bench
