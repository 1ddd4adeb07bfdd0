// Server turnover: lines of threads. Each thread replaces blocks of the array that it inherits,
// then starts its successor, hands the array over and ends; so most frees are of blocks that a
// thread long gone allocated.
#include <functional>
#include <latch>
#include <thread>

#include "bench/mapped.h"
#include "bench/random.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr unsigned kLines = 4;

struct Shape {
  std::size_t low;
  std::size_t high;
  std::uint64_t blocks;        // a line holds
  std::uint64_t generations;   // at scale 1
  std::uint64_t replacements;  // by one thread
};

// One generation: works, then starts the next and leaves.
void serve(const Shape& shape, void** blocks, std::uint64_t seed, std::uint64_t generations,
           Ledger& ledger, std::latch& done) {
  Random random(seed);
  for (std::uint64_t i = 0; i < shape.replacements; ++i) {
    void*& block = blocks[random.below(shape.blocks)];
    ledger.release(block);
    block = ledger.make(uniform_size(random, shape.low, shape.high));
  }
  if (generations <= 1) {
    for (std::uint64_t i = 0; i < shape.blocks; ++i) ledger.release(blocks[i]);
    done.count_down();
    return;
  }
  std::thread(serve, std::cref(shape), blocks, seed + kLines, generations - 1, std::ref(ledger),
              std::ref(done))
      .detach();
}

void run_server(Run& run, const Shape& shape) {
  const unsigned lines = run.threads(kLines);
  const std::uint64_t generations = run.scaled(shape.generations, 2);
  MappedArray<void*> blocks(lines * shape.blocks);
  MappedArray<Ledger> ledgers(lines);
  std::latch done(lines);
  for (unsigned i = 0; i < lines; ++i) {
    std::thread(serve, std::cref(shape), blocks.data() + i * shape.blocks, run.seed() + i,
                generations, std::ref(ledgers[i]), std::ref(done))
        .detach();
  }
  done.wait();
  Accounts accounts;
  for (const Ledger& ledger : ledgers) accounts.add(ledger);
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

}  // namespace

void server_small(Run& run) { run_server(run, {10, 1000, 20'000, 20, 50'000}); }

void server_large(Run& run) { run_server(run, {16 * 1024, 32 * 1024, 1000, 50, 10'000}); }

}  // namespace tamari::bench
