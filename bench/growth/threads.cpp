// threads: so many threads are alive, one of them works. short_threads: so many have come and gone,
// one after the other; those that are measured follow them.
#include <algorithm>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

#include "bench/growth/dimension.h"
#include "bench/growth/population.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kBlocksOfWorker = 256;
constexpr std::size_t kBlocksOfSleeper = 24;
constexpr std::uint64_t kTurnsOfLife = 1000;
constexpr std::uint64_t kTurnsOfEarlierLife = 24;

// Allocates, frees all but a block, and sleeps until everything has been measured.
void sleep_on(std::uint64_t seed, std::latch& asleep, std::latch& wake) {
  Random random(seed);
  Population kept(1, seed, MixedSizes{});
  {
    Population dropped(kBlocksOfSleeper, seed, MixedSizes{});
    dropped.fill();
  }
  kept.fill();
  asleep.count_down();
  wake.wait();
}

// Wakes those who wait as it goes, also when a thread cannot be made: who waits for their end would
// wait for ever.
struct WakeAtEnd {
  std::latch& wake;
  ~WakeAtEnd() { wake.count_down(); }
};

// The life of a short thread; it frees what its predecessor left, and leaves a block itself.
class ShortLives {
 public:
  void live(std::uint64_t seed, std::uint64_t turns) {
    std::thread([&] {
      inherited_.reset();
      Population population(kBlocksOfSleeper, seed, MixedSizes{});
      population.fill();
      population.turn_over(turns);
      bytes_ += population.bytes();
      ops_ += 2 * (kBlocksOfSleeper + turns);
      inherited_.emplace(1, seed, MixedSizes{});
      inherited_->fill();
    }).join();
  }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t ops() const { return ops_; }

 private:
  std::optional<Population<MixedSizes>> inherited_;
  std::uint64_t bytes_ = 0;
  std::uint64_t ops_ = 0;
};

}  // namespace

void living_threads(const Growth& growth, Meter& meter) {
  const std::uint64_t sleepers = growth.value - 1;
  std::latch asleep(static_cast<std::ptrdiff_t>(sleepers));
  std::latch wake(1);
  std::vector<std::jthread> threads;
  const WakeAtEnd wake_at_end{wake};
  for (std::uint64_t i = 0; i < sleepers; ++i) {
    threads.emplace_back([&, i] { sleep_on(i, asleep, wake); });
  }
  asleep.wait();
  std::jthread([&] {
    Population population(kBlocksOfWorker, kSeed, MixedSizes{});
    measure(population, kBlocksOfWorker, growth.turns, meter);
  }).join();
}

void short_threads(const Growth& growth, Meter& meter) {
  ShortLives lives;
  for (std::uint64_t i = 0; i < growth.value; ++i) lives.live(i, kTurnsOfEarlierLife);
  const std::uint64_t ops_before = lives.ops();
  meter.start();
  const std::uint64_t count = std::max<std::uint64_t>(1, growth.turns / kTurnsOfLife);
  for (std::uint64_t i = 0; i < count; ++i) lives.live(kSeed + i, kTurnsOfLife);
  meter.finish(lives.ops() - ops_before, lives.bytes());
}

}  // namespace tamari::bench
