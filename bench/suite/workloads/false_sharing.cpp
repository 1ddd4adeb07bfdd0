// False sharing: threads that write often into small blocks of their own. Active: do blocks
// allocated at the same time by different threads share a cache line? Passive: each thread is
// handed a block by the main thread and frees it; is its line then split between threads for good?
#include <barrier>
#include <cstdlib>

#include "bench/check.h"
#include "bench/mapped.h"
#include "bench/suite/run.h"
#include "bench/suite/team.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::uint64_t kWrites = 1000;  // into a block, each time it is allocated
constexpr std::size_t kSize = 8;

// Allocates a block, writes into it, frees it.
void one_turn() {
  auto* counter = static_cast<volatile std::uint64_t*>(std::malloc(kSize));
  require(counter != nullptr, "the allocator has memory");
  *counter = 0;
  for (std::uint64_t i = 0; i < kWrites; ++i) *counter = *counter + 1;
  require(*counter == kWrites, "nobody else writes into a block");
  std::free(const_cast<std::uint64_t*>(counter));
}

void run_sharing(Run& run, bool handed_over) {
  const unsigned threads = run.threads(4);
  const std::uint64_t turns = run.scaled(1'200'000) / threads;
  MappedArray<void*> handed(threads);
  if (handed_over) {
    for (void*& block : handed) block = std::malloc(kSize);
  }
  std::barrier barrier(threads);
  run_team(threads, [&](unsigned self) {
    barrier.arrive_and_wait();
    std::free(handed[self]);
    for (std::uint64_t i = 0; i < turns; ++i) one_turn();
  });
  run.finish(2 * turns * threads, turns * threads * kWrites);
}

}  // namespace

void sharing_active(Run& run) { run_sharing(run, false); }
void sharing_passive(Run& run) { run_sharing(run, true); }

}  // namespace tamari::bench
