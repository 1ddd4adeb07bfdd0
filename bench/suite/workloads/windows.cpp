// A window of live blocks in which random ones are replaced, for kinds of blocks that allocators
// treat apart: of the size of a page, of 5 to 25 MiB, zeroed, aligned.
#include <cstdlib>
#include <cstring>

#include "bench/check.h"
#include "bench/mapped.h"
#include "bench/random.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/team.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

// `make` gets (random, ledger) and returns a stamped block.
template <typename Make>
void run_window(Run& run, unsigned threads, std::uint64_t window, std::uint64_t turns, Make make) {
  MappedArray<void*> blocks(threads * window);
  Accounts accounts;
  run_team(threads, [&](unsigned self) {
    Random random(run.seed() + self);
    Ledger ledger;
    void** own = blocks.data() + self * window;
    for (std::uint64_t i = 0; i < turns; ++i) {
      void*& block = own[random.below(window)];
      ledger.release(block);
      block = make(random, ledger);
    }
    for (std::uint64_t i = 0; i < window; ++i) ledger.release(own[i]);
    accounts.add(ledger);
  });
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

bool is_zero(const void* block, std::size_t bytes) {
  const auto* at = static_cast<const unsigned char*>(block);
  return bytes == 0 || (at[0] == 0 && std::memcmp(at, at + 1, bytes - 1) == 0);
}

void* make_zeroed(Random& random, Ledger& ledger) {
  const std::size_t bytes = log_uniform_size(random, 16, 256 * 1024);
  void* block = std::calloc(1, bytes);
  require(block != nullptr && is_zero(block, bytes), "calloc gives zeros");
  ledger.note_made(block, bytes);
  return block;
}

void* make_aligned(Random& random, Ledger& ledger) {
  const std::size_t alignment = random.below(4) == 0 ? 4096 : 64;
  const std::size_t bytes = alignment * (1 + random.below(alignment == 64 ? 32 : 4));
  void* block = std::aligned_alloc(alignment, bytes);
  require(reinterpret_cast<std::uintptr_t>(block) % alignment == 0, "a block is aligned as asked");
  ledger.note_made(block, bytes);
  return block;
}

}  // namespace

void pages(Run& run) {
  const unsigned threads = run.threads(4);
  run_window(run, threads, 2000, run.scaled(8'000'000 / threads),
             [](Random&, Ledger& ledger) { return ledger.make(4096); });
}

// Filled, as buffers of that size are.
void huge_blocks(Run& run) {
  run_window(run, 1, 4, run.scaled(320), [](Random& random, Ledger& ledger) {
    const std::size_t bytes = uniform_size(random, 5 * kMiB, 25 * kMiB);
    void* block = std::malloc(bytes);
    require(block != nullptr, "the allocator has memory");
    std::memset(block, 1, bytes);
    ledger.note_made(block, bytes);
    return block;
  });
}

void zeroed(Run& run) {
  const unsigned threads = run.threads(2);
  run_window(run, threads, 500, run.scaled(500'000 / threads), make_zeroed);
}

void aligned(Run& run) {
  const unsigned threads = run.threads(2);
  run_window(run, threads, 4000, run.scaled(3'000'000 / threads), make_aligned);
}

}  // namespace tamari::bench
