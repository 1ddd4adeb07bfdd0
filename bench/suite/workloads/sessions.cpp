// Linked sessions by many threads: a session is a record with a list of messages of various sizes.
// Whichever thread meets a session next extends it, and ends it when it is long.
#include <cstdlib>
#include <mutex>

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

constexpr unsigned kThreads = 16;
constexpr std::uint64_t kPlaces = 20'000;
constexpr std::uint64_t kLocks = 256;
constexpr std::uint64_t kLongest = 24;

struct Message {
  Message* next;
  void* text;  // stamped
};

struct Session {
  Message* newest;
  std::uint64_t length;
  std::uint64_t ends_at;
};

struct Place {
  Session* session;
};

struct alignas(64) PaddedMutex {
  std::mutex mutex;
};

void extend(Session& session, Random& random, Ledger& ledger) {
  auto* message = new Message{session.newest, ledger.make(power_law_size(random, 32, 7))};
  session.newest = message;
  ++session.length;
}

void end(Session* session, Ledger& ledger) {
  std::uint64_t length = 0;
  for (Message* message = session->newest; message != nullptr; ++length) {
    Message* next = message->next;
    ledger.release(message->text);
    delete message;
    message = next;
  }
  require(length == session->length, "a session has all its messages");
  delete session;
}

void visit(Place& place, Random& random, Ledger& ledger) {
  if (place.session == nullptr) {
    place.session = new Session{nullptr, 0, 1 + random.below(kLongest)};
  }
  extend(*place.session, random, ledger);
  if (place.session->length < place.session->ends_at) return;
  end(place.session, ledger);
  place.session = nullptr;
}

}  // namespace

void sessions(Run& run) {
  const unsigned threads = run.threads(kThreads);
  const std::uint64_t visits = run.scaled(4'000'000 / threads);
  MappedArray<Place> places(kPlaces);
  MappedArray<PaddedMutex> locks(kLocks);
  Accounts accounts;
  run_team(threads, [&](unsigned self) {
    Random random(run.seed() + self);
    Ledger ledger;
    for (std::uint64_t i = 0; i < visits; ++i) {
      const std::uint64_t place = random.below(kPlaces);
      const std::lock_guard guard(locks[place % kLocks].mutex);
      visit(places[place], random, ledger);
    }
    accounts.add(ledger);
  });
  Ledger rest;
  for (Place& place : places) {
    if (place.session != nullptr) end(place.session, rest);
  }
  accounts.add(rest);
  accounts.require_balance();
  run.finish(accounts.ops(), visits * threads);
}

}  // namespace tamari::bench
