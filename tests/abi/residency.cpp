// What stays resident, as `ps` shows it: users judge an allocator by VmRSS, and it has to fall
// without a call into the allocator and without traffic. Figures are in KiB.

#include <pthread.h>

#include <atomic>
#include <memory>
#include <vector>

#include "live_set.h"
#include "sleeper.h"

namespace {

// Sixteen producers and a thread that only frees: its frees must reach those who allocate.
void free_only(bool reclaimer_allocates) {
  constexpr size_t kLive = 128 * kMiB;
  const FreeOnly result = run_free_only(kLive, 4.0, reclaimer_allocates);
  EXPECT_AT_MOST(result.highest_kib, static_cast<long>(kLive / 1024) * 16 / 10);
  EXPECT(result.highest_kib > static_cast<long>(kLive / 1024) * 9 / 10);
}

void free_only_never_allocates() { free_only(false); }
void free_only_allocates_first() { free_only(true); }

void fill(void** blocks, size_t count, size_t size) {
  for (size_t i = 0; i < count; ++i) {
    blocks[i] = malloc(size);
    REQUIRE(blocks[i] != nullptr);
    memset(blocks[i], 1, size);
  }
}

// A allocates and sleeps for ever, B frees everything and sleeps as well.
void sleeping_owner(size_t size) {
  constexpr size_t kBytes = 256 * kMiB;
  const size_t count = kBytes / size;
  void** blocks = map_table<void*>(count);
  Sleeper owner([=] { fill(blocks, count, size); });
  owner.wait_until_asleep();
  EXPECT(resident_kib() > static_cast<long>(kBytes / 1024));
  Sleeper freer([=] {
    for (size_t i = 0; i < count; ++i) free(blocks[i]);
    munmap(blocks, count * sizeof(void*));
  });
  freer.wait_until_asleep();
  EXPECT_AT_MOST(settle_kib(64 << 10, 3.0), 64 << 10);
}

void sleeping_owner_small() { sleeping_owner(128); }
void sleeping_owner_medium() { sleeping_owner(5000); }
void sleeping_owner_large() { sleeping_owner(300000); }

// Eight threads allocate 256 MiB of mixed sizes, free it, and sleep.
void spike_and_quiesce() {
  constexpr size_t kPerThread = 32 * kMiB;
  constexpr unsigned long kThreads = 8;
  std::vector<std::unique_ptr<Sleeper>> threads;
  static std::atomic<unsigned long> full;
  for (unsigned long t = 0; t < kThreads; ++t) {
    threads.push_back(std::make_unique<Sleeper>([t] {
      Random random{t + 1};
      void** blocks = map_table<void*>(kPerThread / 32);
      size_t count = 0;
      for (size_t bytes = 0; bytes < kPerThread; ++count) {
        const size_t size = mixed_size(random);
        fill(&blocks[count], 1, size);
        bytes += size;
      }
      ++full;
      while (full < kThreads) sleep_ms(1);
      if (t == 0) EXPECT(resident_kib() > static_cast<long>(kThreads * kPerThread / 1024));
      ++full;
      while (full < 2 * kThreads) sleep_ms(1);
      for (size_t i = 0; i < count; ++i) free(blocks[i]);
      munmap(blocks, kPerThread / 32 * sizeof(void*));
    }));
  }
  for (const auto& thread : threads) thread->wait_until_asleep();
  EXPECT_AT_MOST(settle_kib(32 << 10, 3.0), 32 << 10);
}

// Threads that have earned a cache and idle: measured against the same threads before they did.
void idle_threads() {
  constexpr unsigned kThreads = 300;
  static pthread_barrier_t started, go, allocated;
  for (pthread_barrier_t* gate : {&started, &go, &allocated}) {
    REQUIRE(pthread_barrier_init(gate, nullptr, kThreads + 1) == 0);
  }
  std::vector<std::unique_ptr<Sleeper>> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.push_back(std::make_unique<Sleeper>([] {
      pthread_barrier_wait(&started);
      pthread_barrier_wait(&go);
      for (int turn = 0; turn < 100; ++turn) {
        void* block = nullptr;
        fill(&block, 1, 1000);
        free(block);
      }
      pthread_barrier_wait(&allocated);
    }));
  }
  pthread_barrier_wait(&started);
  const long before = resident_kib();
  pthread_barrier_wait(&go);
  pthread_barrier_wait(&allocated);
  const long limit = static_cast<long>(kThreads) * 64;
  EXPECT_AT_MOST(settle_kib(before + limit, 3.0) - before, limit);
}

// Memory that the program never touched must not be resident, in small blocks either.
void untouched() {
  const long before = resident_kib();
  for (int i = 0; i < 2000; ++i) REQUIRE(opaque(malloc(kMiB)) != nullptr);
  EXPECT_AT_MOST(resident_kib(), 16 << 10);
  for (int i = 0; i < 10000; ++i) REQUIRE(opaque(malloc(20000)) != nullptr);
  EXPECT_AT_MOST(resident_kib() - before, 96 << 10);
}

// Nor in zeroed ones, where a heap grows. (The first 128 blocks of a process are cleared.)
void untouched_zeroed() {
  constexpr int kBlocks = 1000;
  void* blocks[kBlocks];
  const long before = resident_kib();
  for (int i = 0; i < kBlocks; ++i) {
    blocks[i] = opaque(calloc(1, 65536));
    REQUIRE(blocks[i] != nullptr);
  }
  EXPECT_AT_MOST(resident_kib() - before, 12 << 10);
  // Used and freed, they are cleared.
  for (void* block : blocks) memset(block, 'u', 65536);
  for (void* block : blocks) free(block);
  for (int i = 0; i < kBlocks; ++i) {
    const char* bytes = static_cast<char*>(opaque(calloc(1, 65536)));
    REQUIRE(bytes != nullptr);
    for (int byte = 0; byte < 65536; ++byte) REQUIRE(bytes[byte] == 0);
  }
}

constexpr Case kCases[] = {{"free_only", free_only_never_allocates},
                           {"free_only_after_first", free_only_allocates_first},
                           {"sleeping_owner_small", sleeping_owner_small},
                           {"sleeping_owner_medium", sleeping_owner_medium},
                           {"sleeping_owner_large", sleeping_owner_large},
                           {"spike", spike_and_quiesce},
                           {"idle_threads", idle_threads},
                           {"untouched", untouched},
                           {"untouched_zeroed", untouched_zeroed}};

}  // namespace

int main(int argc, char** argv) {
  const int status = run_case(kCases, argc, argv);
  _exit(status);  // sleepers still sleep
}
