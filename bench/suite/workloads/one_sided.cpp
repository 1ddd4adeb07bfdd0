// Threads with one-sided lives beside ordinary ones. free_only: workers allocate and free, and
// leave a quarter of their garbage to a reaper that only frees. never_free: a loader only
// allocates; it keeps a quarter until the end, and the workers free the rest.
#include <atomic>
#include <vector>

#include "bench/random.h"
#include "bench/suite/channel.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/team.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kOwnBlocks = 4000;
constexpr std::size_t kParcels = 256;

std::size_t draw_size(Random& random) { return power_law_size(random, 16, 8); }

// An ordinary thread: replaces random blocks of its own.
class Worker {
 public:
  explicit Worker(std::uint64_t seed) : random_(seed), blocks_(kOwnBlocks) {}

  // Returns the block that has to go.
  void* replace() {
    void*& block = blocks_[random_.below(kOwnBlocks)];
    void* old = block;
    block = ledger_.make(draw_size(random_));
    return old;
  }
  void release(void* block) { ledger_.release(block); }
  void retire(Accounts& accounts) {
    for (void* block : blocks_) ledger_.release(block);
    accounts.add(ledger_);
  }

 private:
  Random random_;
  MappedArray<void*> blocks_;
  Ledger ledger_;
};

void reap(Channel<Parcel*>& garbage, ParcelPool& pool, Accounts& accounts) {
  Ledger ledger;
  for (Parcel* parcel; garbage.pop(parcel);) {
    while (parcel->count > 0) ledger.release(parcel->blocks[--parcel->count]);
    pool.give_back(parcel);
  }
  accounts.add(ledger);
}

void work_for_reaper(std::uint64_t turns, std::uint64_t seed, Channel<Parcel*>& garbage,
                     ParcelPool& pool, Accounts& accounts) {
  Worker worker(seed);
  Parcel* parcel = pool.take();
  for (std::uint64_t i = 0; i < turns; ++i) {
    void* old = worker.replace();
    if (i % 4 != 0 || old == nullptr) {
      worker.release(old);
      continue;
    }
    parcel->blocks[parcel->count++] = old;
    if (parcel->count < Parcel::kMost) continue;
    garbage.push(parcel);
    parcel = pool.take();
  }
  garbage.push(parcel);
  worker.retire(accounts);
}

void load(std::uint64_t parcels, std::uint64_t seed, Channel<Parcel*>& fresh, ParcelPool& pool,
          std::vector<void*>& kept, Accounts& accounts) {
  Random random(seed);
  Ledger ledger;
  for (std::uint64_t i = 0; i < parcels; ++i) {
    Parcel* parcel = pool.take();
    while (parcel->count < Parcel::kMost) {
      parcel->blocks[parcel->count++] = ledger.make(draw_size(random));
    }
    for (std::size_t k = 0; k < Parcel::kMost / 4; ++k) {
      kept.push_back(ledger.make(draw_size(random)));
    }
    fresh.push(parcel);
  }
  fresh.close();
  accounts.add(ledger);
}

void work_beside_loader(std::uint64_t seed, Channel<Parcel*>& fresh, ParcelPool& pool,
                        Accounts& accounts) {
  Worker worker(seed);
  for (Parcel* parcel; fresh.pop(parcel);) {
    while (parcel->count > 0) {
      worker.release(parcel->blocks[--parcel->count]);
      worker.release(worker.replace());
    }
    pool.give_back(parcel);
  }
  worker.retire(accounts);
}

}  // namespace

void free_only(Run& run) {
  const unsigned workers = run.threads(3);
  const std::uint64_t turns = run.scaled(8'000'000) / workers;
  ParcelPool pool(kParcels + workers);
  Channel<Parcel*> garbage(kParcels + workers);
  Accounts accounts;
  std::atomic<unsigned> working = workers;
  run_team(workers + 1, [&](unsigned self) {
    if (self == workers) {
      reap(garbage, pool, accounts);
    } else {
      work_for_reaper(turns, run.seed() + self, garbage, pool, accounts);
      if (--working == 0) garbage.close();
    }
  });
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

void never_free(Run& run) {
  const unsigned workers = run.threads(3);
  const std::uint64_t parcels = run.scaled(60'000);
  ParcelPool pool(kParcels);
  Channel<Parcel*> fresh(kParcels);
  std::vector<void*> kept;
  Accounts accounts;
  run_team(workers + 1, [&](unsigned self) {
    if (self == workers) {
      load(parcels, run.seed(), fresh, pool, kept, accounts);
    } else {
      work_beside_loader(run.seed() + 1 + self, fresh, pool, accounts);
    }
  });
  Ledger rest;
  for (void* block : kept) rest.release(block);
  std::vector<void*>().swap(kept);
  accounts.add(rest);
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

}  // namespace tamari::bench
