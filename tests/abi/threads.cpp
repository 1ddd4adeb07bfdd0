// Many threads: alive at once, one after another, and gone before their blocks are freed.

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>

#include <atomic>

#include "process.h"

namespace {

constexpr size_t kStack = 64 << 10;

pthread_t start(void* (*body)(void*), void* argument, size_t stack = kStack) {
  pthread_t thread;
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, stack) == 0);
  REQUIRE(pthread_create(&thread, &attributes, body, argument) == 0);
  pthread_attr_destroy(&attributes);
  return thread;
}

void check_block(char* block, size_t size) {
  REQUIRE(block != nullptr);
  memset(block, 'x', size);
  EXPECT(block[0] == 'x' && block[size - 1] == 'x');
}

pthread_barrier_t gate;

// Calls that earn a thread its cache.
void work() {
  for (int turn = 0; turn < 40; ++turn) {
    for (size_t size = 16; size < 20000; size *= 5) {
      char* block = static_cast<char*>(malloc(size));
      check_block(block, size);
      free(block);
    }
  }
}

void* allocate_and_wait(void* slot) {
  char** kept = static_cast<char**>(slot);
  work();
  *kept = static_cast<char*>(malloc(64));
  check_block(*kept, 64);
  pthread_barrier_wait(&gate);
  return nullptr;
}

// Nothing in the library may be sized by a number of threads.
void five_thousand_alive() {
  constexpr unsigned kThreads = 5000;
  pthread_t* threads = map_table<pthread_t>(kThreads);
  char** kept = map_table<char*>(kThreads);
  REQUIRE(pthread_barrier_init(&gate, nullptr, kThreads + 1) == 0);
  for (unsigned i = 0; i < kThreads; ++i) threads[i] = start(allocate_and_wait, &kept[i]);
  pthread_barrier_wait(&gate);
  for (unsigned i = 0; i < kThreads; ++i) pthread_join(threads[i], nullptr);
  for (unsigned i = 0; i < kThreads; ++i) {
    EXPECT(kept[i][0] == 'x' && kept[i][63] == 'x');
    free(kept[i]);
  }
}

uint64_t owners_made() {
  const auto counter =
      reinterpret_cast<int (*)(const char*, uint64_t*)>(dlsym(RTLD_DEFAULT, "tamari_counter"));
  uint64_t owners = 0;
  REQUIRE(counter != nullptr && counter("owners", &owners) == 0);
  return owners;
}

void* call_twice_then_work(void*) {
  free(opaque(malloc(100)));
  pthread_barrier_wait(&gate);
  pthread_barrier_wait(&gate);
  work();
  pthread_barrier_wait(&gate);
  pthread_barrier_wait(&gate);
  return nullptr;
}

// A thread that hardly calls has no record, one that works has.
void earned() {
  constexpr unsigned kThreads = 20;
  work();  // past the first blocks of the process
  const uint64_t before = owners_made();
  pthread_t threads[kThreads];
  REQUIRE(pthread_barrier_init(&gate, nullptr, kThreads + 1) == 0);
  for (pthread_t& thread : threads) thread = start(call_twice_then_work, nullptr);
  pthread_barrier_wait(&gate);
  EXPECT(owners_made() == before);
  pthread_barrier_wait(&gate);
  pthread_barrier_wait(&gate);
  EXPECT(owners_made() == before + kThreads);
  pthread_barrier_wait(&gate);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
}

void* live_briefly(void* seed) {
  size_t size = 16 + reinterpret_cast<size_t>(seed) % 3000;
  void* blocks[12];
  for (void*& block : blocks) {
    block = malloc(size);
    check_block(static_cast<char*>(block), size);
    size = size * 5 / 4;
  }
  for (void* block : blocks) free(block);
  return nullptr;
}

void run_short_threads(size_t count) {
  constexpr size_t kAlive = 8;
  pthread_t threads[kAlive];
  for (size_t i = 0; i < count; i += kAlive) {
    for (size_t t = 0; t < kAlive; ++t) {
      threads[t] = start(live_briefly, reinterpret_cast<void*>(i * 37 + t));
    }
    for (pthread_t thread : threads) pthread_join(thread, nullptr);
  }
}

// What a thread leaves behind for ever; what caches keep for a while is not meant.
long settled_kib() {
  sleep_ms(2500);
  return resident_kib();
}

void twenty_thousand_short() {
  run_short_threads(2000);
  const long warm = settled_kib();
  run_short_threads(20000);
  EXPECT_AT_MOST(settled_kib() - warm, 1024);
}

constexpr size_t kOrphans = 2000;
char* orphans[kOrphans];

size_t orphan_size(size_t i) { return 8 + i * i % 9000; }

void* allocate_orphans(void*) {
  for (size_t i = 0; i < kOrphans; ++i) {
    orphans[i] = static_cast<char*>(malloc(orphan_size(i)));
    check_block(orphans[i], orphan_size(i));
  }
  return nullptr;
}

void* free_every_second(void*) {
  for (size_t i = 0; i < kOrphans; i += 2) free(orphans[i]);
  return nullptr;
}

// Blocks whose thread is gone: half are freed by main, half by a thread that goes as well. Memory
// must come back to use, so it may not grow round by round.
void orphaned_blocks() {
  long warm = 0;
  for (int round = 0; round < 200; ++round) {
    pthread_join(start(allocate_orphans, nullptr), nullptr);
    for (size_t i = 1; i < kOrphans; i += 2) {
      EXPECT(orphans[i][0] == 'x' && orphans[i][orphan_size(i) - 1] == 'x');
      free(orphans[i]);
    }
    pthread_join(start(free_every_second, nullptr), nullptr);
    if (round == 20) warm = resident_kib();
  }
  EXPECT_AT_MOST(resident_kib() - warm, 16 << 10);
}

std::atomic<char*> relay_block;

// Each block is allocated by one thread, resized by the next and freed by a third.
void* pass_the_relay(void* index) {
  const auto leg = reinterpret_cast<size_t>(index);
  char* block = static_cast<char*>(realloc(relay_block.exchange(nullptr), 100 + leg * 977 % 70000));
  REQUIRE(block != nullptr);
  if (leg > 0) EXPECT(memcmp(block, "relay", 6) == 0);
  memcpy(block, "relay", 6);
  relay_block = block;
  return nullptr;
}

void relay() {
  for (size_t i = 0; i < 2000; ++i) {
    pthread_join(start(pass_the_relay, reinterpret_cast<void*>(i)), nullptr);
  }
  free(relay_block);
}

// What a thread with the least stack POSIX allows can do: all regimes, and the exit path.
void* use_all_regimes(void*) {
  for (size_t size = 1; size <= 64 << 20; size *= 4) {
    char* block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr);
    block[size - 1] = 1;
    block = static_cast<char*>(realloc(block, size * 2));
    REQUIRE(block != nullptr);
    EXPECT(block[size - 1] == 1);
    free(block);
    free(calloc(1, size < 1 << 20 ? size : 1));
  }
  return nullptr;
}

void smallest_stack() {
  for (int i = 0; i < 50; ++i) {
    pthread_join(start(use_all_regimes, nullptr, static_cast<size_t>(PTHREAD_STACK_MIN)), nullptr);
  }
}

constexpr Case kCases[] = {{"alive", five_thousand_alive},     {"short", twenty_thousand_short},
                           {"orphans", orphaned_blocks},       {"relay", relay},
                           {"smallest_stack", smallest_stack}, {"earned", earned}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
