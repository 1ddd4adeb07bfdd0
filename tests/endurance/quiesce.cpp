// Much memory, then sleep: what is resident once nobody calls the allocator any more.
//
// quiesce sleeping_owner | spike | survivors | idle_threads

#include <malloc.h>
#include <pthread.h>

#include <memory>
#include <vector>

#include "../abi/mixed.h"
#include "../abi/sleeper.h"
#include "figure.h"

namespace {

constexpr double kQuietSeconds = 5;
constexpr double kSoonSeconds = 1.5;

// One in 64 is large.
size_t any_size(Random& random) {
  return random.below(64) == 0 ? 20000 + random.below(500000) : mixed_size(random);
}

// Blocks of `bytes` in all, in a table that is not the allocator's.
class Hoard {
 public:
  explicit Hoard(size_t bytes) : room_(bytes / 1000), blocks_(map_table<void*>(room_)) {
    memset(blocks_, 0, room_ * sizeof(void*));
  }
  void fill(size_t bytes, unsigned long seed) {
    Random random(seed);
    for (size_t filled = 0; filled < bytes;) {
      const size_t size = any_size(random);
      REQUIRE(count_ < room_);
      blocks_[count_] = malloc(size);
      REQUIRE(blocks_[count_] != nullptr);
      memset(blocks_[count_++], 1, size);
      filled += size;
    }
  }
  // Frees all, or all but one in `keep`; returns the bytes kept.
  size_t release(unsigned keep) {
    size_t kept = 0;
    for (size_t i = 0; i < count_; ++i) {
      if (keep != 0 && i % keep == 0) {
        kept += malloc_usable_size(blocks_[i]);
      } else {
        free(blocks_[i]);
      }
    }
    munmap(blocks_, room_ * sizeof(void*));
    return kept;
  }

 private:
  size_t room_, count_ = 0;
  void** blocks_;
};

// A allocates 1 GiB and sleeps for ever; B frees all of it.
void sleeping_owner() {
  constexpr size_t kBytes = 1024 * kMiB;
  const long before = resident_kib();
  Hoard hoard(kBytes);
  Sleeper owner([&] { hoard.fill(kBytes, 1); });
  owner.wait_until_asleep();
  note("alive", static_cast<double>(resident_kib()) / 1024, "MiB");
  Sleeper freer([&] { hoard.release(0); });
  freer.wait_until_asleep();
  at_most("RSS 2 s later", static_cast<double>(resident_after(2)), 64 << 10, "KiB");
  at_most("RSS 5 s later", static_cast<double>(resident_after(kQuietSeconds - 2)),
          settled_bound_kib(static_cast<double>(before)), "KiB");
}

// Eight threads allocate 512 MiB, free all but one block in `keep`, and sleep.
void spike(unsigned keep) {
  constexpr unsigned long kThreads = 8;
  constexpr size_t kBytes = 64 * kMiB;
  const long before = resident_kib();
  std::atomic<unsigned long> full = 0;
  std::atomic<size_t> kept = 0;
  std::vector<std::unique_ptr<Sleeper>> threads;
  for (unsigned long t = 0; t < kThreads; ++t) {
    threads.push_back(std::make_unique<Sleeper>([&, t] {
      Hoard hoard(kBytes);
      hoard.fill(kBytes, t + 1);
      ++full;
      while (full < kThreads) sleep_ms(1);
      kept += hoard.release(keep);
    }));
  }
  for (const auto& thread : threads) thread->wait_until_asleep();
  const double live = static_cast<double>(kept) / 1024;
  note("alive", live / 1024, "MiB");
  const double soon = static_cast<double>(resident_after(kSoonSeconds)) - live;
  if (keep == 0)
    at_most("RSS 1.5 s later, of the peak", 100 * soon / (kThreads * kBytes / 1024), 15, "%");
  at_most("RSS 5 s later", static_cast<double>(resident_after(kQuietSeconds - kSoonSeconds)),
          settled_bound_kib(static_cast<double>(before) + live), "KiB");
}

void spike_clean() { spike(0); }
void spike_survivors() { spike(16); }

// Threads that allocated once and idle, measured against the same threads before they did.
void idle_threads() {
  constexpr unsigned kThreads = 650;
  static pthread_barrier_t started, go, allocated;
  for (pthread_barrier_t* gate : {&started, &go, &allocated}) {
    REQUIRE(pthread_barrier_init(gate, nullptr, kThreads + 1) == 0);
  }
  std::vector<std::unique_ptr<Sleeper>> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.push_back(std::make_unique<Sleeper>([i] {
      pthread_barrier_wait(&started);
      pthread_barrier_wait(&go);
      const size_t size = 16 + i * 37 % 8000;
      char* block = static_cast<char*>(malloc(size));
      REQUIRE(block != nullptr);
      memset(block, 1, size);
      free(block);
      pthread_barrier_wait(&allocated);
    }));
  }
  pthread_barrier_wait(&started);
  const long before = resident_kib();
  pthread_barrier_wait(&go);
  pthread_barrier_wait(&allocated);
  at_most("held by each of 650 idle threads",
          static_cast<double>(resident_after(2) - before) / kThreads, 64, "KiB");
  at_most("RSS 5 s later, of all threads", static_cast<double>(resident_after(kQuietSeconds - 2)),
          settled_bound_kib(static_cast<double>(before)), "KiB");
}

constexpr Case kCases[] = {{"sleeping_owner", sleeping_owner},
                           {"spike", spike_clean},
                           {"survivors", spike_survivors},
                           {"idle_threads", idle_threads}};

}  // namespace

int main(int argc, char** argv) {
  const int status = run_case(kCases, argc, argv);
  _exit(status);  // sleepers still sleep
}
