// What stays resident when a program falls quiet with its threads alive. spike: several threads
// allocate a lot and free all of it, or all but one block in sixteen. sleeping_owner: a thread
// allocates a GiB and sleeps; another frees it.
#include <latch>

#include "bench/mapped.h"
#include "bench/random.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/team.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

// Allocates until `bytes` are live; returns the number of blocks.
template <typename Draw>
std::uint64_t fill(void** blocks, std::uint64_t most, std::uint64_t bytes, Ledger& ledger,
                   Draw draw) {
  std::uint64_t count = 0;
  for (std::uint64_t live = 0; live < bytes && count < most; ++count) {
    const std::size_t size = draw();
    blocks[count] = ledger.make(size);
    live += size;
  }
  return count;
}

void run_spike(Run& run, std::uint64_t keep_one_in) {
  constexpr int kSpikes = 3;
  constexpr std::uint64_t kLeastMean = 256;  // bytes; draws below have a larger mean
  const unsigned threads = run.threads(4);
  const std::uint64_t bytes = run.scaled(600 * kMiB, kMiB) / threads;
  const std::uint64_t most = bytes / kLeastMean;
  MappedArray<void*> blocks(threads * most);
  std::latch spiked(threads);
  std::latch leave(1);
  Accounts accounts;
  std::jthread main_part([&] {
    spiked.wait();
    run.finish(accounts.ops(), threads);
    leave.count_down();
  });
  run_team(threads, [&](unsigned self) {
    Random random(run.seed() + self);
    Ledger ledger;
    void** own = blocks.data() + self * most;
    std::uint64_t count = 0;
    for (int spike = 0; spike < kSpikes; ++spike) {
      for (std::uint64_t i = 0; i < count; ++i) ledger.release(own[i]);
      count = fill(own, most, bytes, ledger, [&] { return log_uniform_size(random, 16, 4096); });
      for (std::uint64_t i = 0; i < count; ++i) {
        if (keep_one_in != 0 && i % keep_one_in == 0) continue;
        ledger.release(own[i]);
        own[i] = nullptr;
      }
    }
    accounts.add(ledger);
    spiked.count_down();
    leave.wait();
    Ledger rest;
    for (std::uint64_t i = 0; i < count; ++i) rest.release(own[i]);
    accounts.add(rest);
  });
  main_part.join();
  accounts.require_balance();
}

}  // namespace

void spike_keep_none(Run& run) { run_spike(run, 0); }
void spike_keep_some(Run& run) { run_spike(run, 16); }

void sleeping_owner(Run& run) {
  const std::uint64_t bytes = run.scaled(1024 * kMiB, 4 * kMiB);
  const std::uint64_t most = bytes / 1024;
  MappedArray<void*> blocks(most);
  std::latch filled(1);
  std::latch wake(1);
  Accounts accounts;
  std::uint64_t count = 0;
  std::jthread owner([&] {
    Random random(run.seed());
    Ledger ledger;
    count = fill(blocks.data(), most, bytes, ledger,
                 [&] { return log_uniform_size(random, 64, 32 * 1024); });
    accounts.add(ledger);
    filled.count_down();
    wake.wait();
  });
  filled.wait();
  Ledger ledger;
  for (std::uint64_t i = 0; i < count; ++i) ledger.release(blocks[i]);
  accounts.add(ledger);
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
  wake.count_down();
}

}  // namespace tamari::bench
