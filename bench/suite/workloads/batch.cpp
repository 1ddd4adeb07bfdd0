// Batches across threads: in each round every thread allocates a batch, and its neighbour frees it:
// newest first, oldest first, or in random order.
#include <barrier>
#include <utility>

#include "bench/mapped.h"
#include "bench/random.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/team.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kBatch = 10'000;
constexpr std::size_t kLow = 16;
constexpr std::size_t kHigh = 400;

enum class Order { kNewestFirst, kOldestFirst, kRandom };

void free_batch(void** blocks, Order order, Random& random, Ledger& ledger) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    if (order == Order::kRandom) std::swap(blocks[i], blocks[i + random.below(kBatch - i)]);
    ledger.release(blocks[order == Order::kNewestFirst ? kBatch - 1 - i : i]);
  }
}

void run_batches(Run& run, Order order) {
  const unsigned threads = run.threads(4);
  const std::uint64_t rounds = run.scaled(150);
  MappedArray<void*> blocks(threads * kBatch);
  std::barrier barrier(threads);
  Accounts accounts;
  run_team(threads, [&](unsigned self) {
    Random random(run.seed() + self);
    Ledger ledger;
    void** own = blocks.data() + self * kBatch;
    void** neighbours = blocks.data() + (self + 1) % threads * kBatch;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < kBatch; ++i) {
        own[i] = ledger.make(uniform_size(random, kLow, kHigh));
      }
      barrier.arrive_and_wait();
      free_batch(neighbours, order, random, ledger);
      barrier.arrive_and_wait();
    }
    accounts.add(ledger);
  });
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

}  // namespace

void batch_lifo(Run& run) { run_batches(run, Order::kNewestFirst); }
void batch_fifo(Run& run) { run_batches(run, Order::kOldestFirst); }
void batch_random(Run& run) { run_batches(run, Order::kRandom); }

}  // namespace tamari::bench
