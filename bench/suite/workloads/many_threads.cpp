// What threads cost that hardly allocate. thread_churn: short threads, eight alive, each leaves one
// block to a later one. idle_threads: 650 threads that have allocated once and sleep, while one
// thread works.
#include <algorithm>
#include <latch>
#include <thread>
#include <vector>

#include "bench/mapped.h"
#include "bench/random.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kBlocksOfOne = 24;

std::size_t draw_size(Random& random) { return power_law_size(random, 16, 9); }

// The life of a short thread; returns the block that it leaves behind.
void* live_briefly(std::uint64_t seed, void* inherited, Ledger& ledger) {
  Random random(seed);
  void* blocks[kBlocksOfOne];
  for (void*& block : blocks) block = ledger.make(draw_size(random));
  ledger.release(inherited);
  for (std::size_t i = 1; i < kBlocksOfOne; ++i) ledger.release(blocks[i]);
  return blocks[0];
}

struct Seat {
  void* left_behind;
  Ledger ledger;
};

void sleep_on(std::uint64_t seed, std::latch& asleep, std::latch& wake, Ledger& ledger) {
  Random random(seed);
  void* blocks[kBlocksOfOne];
  for (void*& block : blocks) block = ledger.make(draw_size(random));
  for (std::size_t i = 1; i < kBlocksOfOne; ++i) ledger.release(blocks[i]);
  asleep.count_down();
  wake.wait();
  ledger.release(blocks[0]);
}

void work(Random& random, std::uint64_t turns, Ledger& ledger) {
  constexpr std::uint64_t kWindow = 20'000;
  MappedArray<void*> blocks(kWindow);
  for (std::uint64_t i = 0; i < turns; ++i) {
    void*& block = blocks[random.below(kWindow)];
    ledger.release(block);
    block = ledger.make(draw_size(random));
  }
  for (void* block : blocks) ledger.release(block);
}

}  // namespace

void thread_churn(Run& run) {
  const unsigned alive = run.threads(8);
  const std::uint64_t count = run.scaled(100'000, alive);
  MappedArray<Seat> seats(alive);
  std::vector<std::thread> threads(alive);
  for (std::uint64_t i = 0; i < count; ++i) {
    Seat& seat = seats[i % alive];
    std::thread& thread = threads[i % alive];
    if (thread.joinable()) thread.join();
    thread = std::thread([&seat, seed = run.seed() + i] {
      seat.left_behind = live_briefly(seed, seat.left_behind, seat.ledger);
    });
  }
  Accounts accounts;
  for (std::uint64_t i = 0; i < alive; ++i) {
    if (threads[i].joinable()) threads[i].join();
    seats[i].ledger.release(seats[i].left_behind);
    accounts.add(seats[i].ledger);
  }
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

void idle_threads(Run& run) {
  const auto count =
      run.threads(static_cast<unsigned>(std::min<std::uint64_t>(650, run.scaled(650, 8))));
  MappedArray<Ledger> ledgers(count);
  std::latch asleep(count);
  std::latch wake(1);
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&, i] { sleep_on(run.seed() + i, asleep, wake, ledgers[i]); });
  }
  asleep.wait();
  Random random(run.seed());
  Ledger own;
  work(random, run.scaled(8'000'000), own);
  run.finish(own.ops(), own.ops());
  wake.count_down();
  threads.clear();
  Accounts accounts;
  accounts.add(own);
  for (const Ledger& ledger : ledgers) accounts.add(ledger);
  accounts.require_balance();
}

}  // namespace tamari::bench
