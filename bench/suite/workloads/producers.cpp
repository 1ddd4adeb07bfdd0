// Producers and consumers: some threads only allocate, others only free, and blocks travel between
// them in parcels. A pipeline of four stages: each stage frees what it gets and passes on a copy.
#include <atomic>

#include "bench/random.h"
#include "bench/suite/channel.h"
#include "bench/suite/ledger.h"
#include "bench/suite/run.h"
#include "bench/suite/sizes.h"
#include "bench/suite/team.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kLow = 16;
constexpr std::size_t kHigh = 1024;
constexpr std::size_t kParcels = 256;

void produce(Random& random, Parcel& parcel, Ledger& ledger) {
  while (parcel.count < Parcel::kMost) {
    parcel.blocks[parcel.count++] = ledger.make(uniform_size(random, kLow, kHigh));
  }
}

void consume(Parcel& parcel, Ledger& ledger) {
  while (parcel.count > 0) ledger.release(parcel.blocks[--parcel.count]);
}

void replace(Parcel& parcel, Ledger& ledger) {
  for (std::size_t i = 0; i < parcel.count; ++i) {
    void* received = parcel.blocks[i];
    parcel.blocks[i] = ledger.make(stamped_size(received));
    ledger.release(received);
  }
}

void run_producers(Run& run, unsigned producers, unsigned consumers) {
  const std::uint64_t parcels = run.scaled(64'000) / producers;
  ParcelPool pool(kParcels);
  Channel<Parcel*> channel(kParcels);
  Accounts accounts;
  std::atomic<unsigned> producing = producers;
  run_team(producers + consumers, [&](unsigned self) {
    Ledger ledger;
    if (self < producers) {
      Random random(run.seed() + self);
      for (std::uint64_t i = 0; i < parcels; ++i) {
        Parcel* parcel = pool.take();
        produce(random, *parcel, ledger);
        channel.push(parcel);
      }
      if (--producing == 0) channel.close();
    } else {
      for (Parcel* parcel; channel.pop(parcel);) {
        consume(*parcel, ledger);
        pool.give_back(parcel);
      }
    }
    accounts.add(ledger);
  });
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

}  // namespace

void produce_1_to_1(Run& run) { run_producers(run, 1, 1); }
void produce_1_to_n(Run& run) { run_producers(run, 1, run.threads(4)); }
void produce_n_to_1(Run& run) { run_producers(run, run.threads(4), 1); }

void pipeline(Run& run) {
  constexpr unsigned kStages = 4;
  const std::uint64_t parcels = run.scaled(30'000);
  ParcelPool pool(kParcels);
  Channel<Parcel*> channels[kStages - 1] = {Channel<Parcel*>(kParcels), Channel<Parcel*>(kParcels),
                                            Channel<Parcel*>(kParcels)};
  Accounts accounts;
  run_team(kStages, [&](unsigned stage) {
    Ledger ledger;
    if (stage == 0) {
      Random random(run.seed());
      for (std::uint64_t i = 0; i < parcels; ++i) {
        Parcel* parcel = pool.take();
        produce(random, *parcel, ledger);
        channels[0].push(parcel);
      }
    } else {
      for (Parcel* parcel; channels[stage - 1].pop(parcel);) {
        if (stage + 1 < kStages) {
          replace(*parcel, ledger);
          channels[stage].push(parcel);
        } else {
          consume(*parcel, ledger);
          pool.give_back(parcel);
        }
      }
    }
    if (stage + 1 < kStages) channels[stage].close();
    accounts.add(ledger);
  });
  accounts.require_balance();
  run.finish(accounts.ops(), accounts.checksum());
}

}  // namespace tamari::bench
