// A day of load in a minute: the heap of two threads rises for two seconds, falls at once to a
// sixteenth, rests for a second, and rises again. Paced by the clock: its figures are CPU time and
// the integral of the resident set, not wall time.
#include <barrier>
#include <chrono>
#include <thread>

#include "bench/mapped.h"
#include "bench/random.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/team.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kThreads = 2;
constexpr std::uint64_t kTicksUp = 100;
constexpr auto kTick = std::chrono::milliseconds(20);
constexpr auto kRest = std::chrono::milliseconds(1000);
constexpr std::uint64_t kBlocksATick = 1200;  // about 1 MiB
constexpr std::uint64_t kTooth = kTicksUp * kBlocksATick;
constexpr unsigned kDoublings = 11;  // 64 bytes to 128 KiB

// Allocates, and replaces what it has just allocated now and then, as requests do.
void rise(void** blocks, Random& random, Ledger& ledger) {
  auto next = Clock::now();
  for (std::uint64_t i = 0; i < kTooth; ++i) {
    ledger.release(blocks[i]);
    blocks[i] = ledger.make(power_law_size(random, 64, kDoublings));
    void*& earlier = blocks[random.below(i + 1)];
    ledger.release(earlier);
    earlier = ledger.make(power_law_size(random, 64, kDoublings));
    if ((i + 1) % kBlocksATick == 0) std::this_thread::sleep_until(next += kTick);
  }
}

void fall(void** blocks, std::uint64_t keep_one_in, Ledger& ledger) {
  for (std::uint64_t i = 0; i < kTooth; ++i) {
    if (keep_one_in != 0 && i % keep_one_in == 0) continue;
    ledger.release(blocks[i]);
    blocks[i] = nullptr;
  }
}

}  // namespace

void sawtooth(Run& run) {
  const std::uint64_t teeth = run.scaled(20);
  MappedArray<void*> blocks(kThreads * kTooth);
  std::barrier barrier(kThreads);
  Accounts accounts;
  run_team(kThreads, [&](unsigned self) {
    Random random(run.seed() + self);
    Ledger ledger;
    void** own = blocks.data() + self * kTooth;
    void** others = blocks.data() + (kThreads - 1 - self) * kTooth;
    for (std::uint64_t tooth = 0; tooth < teeth; ++tooth) {
      rise(own, random, ledger);
      barrier.arrive_and_wait();
      fall(others, tooth + 1 == teeth ? 0 : 16, ledger);
      barrier.arrive_and_wait();
      std::this_thread::sleep_for(kRest);
    }
    accounts.add(ledger);
  });
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

}  // namespace tamari::bench
