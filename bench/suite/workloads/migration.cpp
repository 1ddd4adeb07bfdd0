// Mixed stress over generations of threads: sizes follow a power law; each thread replaces blocks
// of the array that it has inherited and exchanges some with a table that all share; then its whole
// generation ends and the next takes over arrays that others filled.
#include <atomic>

#include "bench/mapped.h"
#include "bench/random.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/team.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::uint64_t kOwn = 4000;
constexpr std::uint64_t kShared = 8000;
constexpr std::uint64_t kTurns = 60'000;  // of one thread
constexpr unsigned kDoublings = 13;       // 16 bytes to 128 KiB

using SharedTable = MappedArray<std::atomic<void*>>;

void live(Random& random, void** own, SharedTable& shared, Ledger& ledger) {
  for (std::uint64_t i = 0; i < kTurns; ++i) {
    void*& block = own[random.below(kOwn)];
    if (random.below(4) == 0) {
      block = shared[random.below(kShared)].exchange(block, std::memory_order_acq_rel);
    } else {
      ledger.release(block);
      block = random.below(8) == 0 ? nullptr : ledger.make(power_law_size(random, 16, kDoublings));
    }
  }
}

}  // namespace

void migration(Run& run) {
  const unsigned threads = run.threads(8);
  const std::uint64_t generations = run.scaled(30, 2);
  MappedArray<void*> own(threads * kOwn);
  SharedTable shared(kShared);
  Accounts accounts;
  for (std::uint64_t generation = 0; generation < generations; ++generation) {
    run_team(threads, [&](unsigned self) {
      Random random(run.seed() + generation * threads + self);
      Ledger ledger;
      const std::uint64_t inherited = (self + generation) % threads;
      live(random, own.data() + inherited * kOwn, shared, ledger);
      accounts.add(ledger);
    });
  }
  Ledger rest;
  for (void* block : own) rest.release(block);
  for (std::atomic<void*>& block : shared) rest.release(block.load(std::memory_order_relaxed));
  accounts.add(rest);
  accounts.require_balance();
  run.finish(accounts.ops(), threads * generations * kTurns);
}

}  // namespace tamari::bench
