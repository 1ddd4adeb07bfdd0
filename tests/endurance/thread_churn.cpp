// Many threads: a hundred thousand short ones with eight alive, and five thousand alive at once.
// What a thread leaves behind for ever would show; what caches keep for a while is not meant.
//
// thread_churn short [COUNT] | alive

#include <pthread.h>

#include <atomic>

#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr size_t kStack = 64 << 10;
constexpr size_t kAtOnce = 8;
size_t wanted = 100000;

// On a stack of its own, or on one that libc keeps for the next.
pthread_t start(void* (*body)(void*), void* argument, char* stack = nullptr) {
  pthread_t thread;
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  if (stack != nullptr) {
    REQUIRE(pthread_attr_setstack(&attributes, stack, kStack) == 0);
  } else {
    REQUIRE(pthread_attr_setstacksize(&attributes, kStack) == 0);
  }
  REQUIRE(pthread_create(&thread, &attributes, body, argument) == 0);
  pthread_attr_destroy(&attributes);
  return thread;
}

// What eight threads leave for each other: each frees what the one before it in its place left.
char* left_behind[kAtOnce];

void* live_briefly(void* number) {
  const auto n = reinterpret_cast<size_t>(number);
  Random random(n + 1);
  char* blocks[12];
  for (char*& block : blocks) {
    const size_t size = mixed_size(random);
    block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr);
    block[0] = block[size - 1] = 'x';
  }
  free(left_behind[n % kAtOnce]);
  left_behind[n % kAtOnce] = blocks[0];
  for (size_t i = 1; i < 12; ++i) free(blocks[i]);
  return nullptr;
}

void run_short(size_t count) {
  pthread_t threads[kAtOnce];
  for (size_t i = 0; i < count; i += kAtOnce) {
    for (size_t t = 0; t < kAtOnce; ++t) {
      threads[t] = start(live_briefly, reinterpret_cast<void*>(i + t));
    }
    for (pthread_t thread : threads) pthread_join(thread, nullptr);
  }
}

void short_threads() {
  run_short(wanted / 10);
  const long warm = resident_after(2.5);
  const double begun = seconds_now();
  run_short(wanted);
  note("rate", static_cast<double>(wanted) / (seconds_now() - begun), "threads/s");
  at_most("growth over the threads", static_cast<double>(resident_after(2.5) - warm), 1024, "KiB");
}

constexpr unsigned kAlive = 5000;
pthread_barrier_t started, allocated, leave;

std::atomic<size_t> alive_bytes;

void* allocate_and_wait(void* slot) {
  pthread_barrier_wait(&started);
  Random random(reinterpret_cast<size_t>(slot));
  char* kept[4];
  for (char*& block : kept) {
    const size_t size = 16 + random.below(1000);
    block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr);
    memset(block, 1, size);
    alive_bytes += size;
  }
  pthread_barrier_wait(&allocated);
  pthread_barrier_wait(&leave);
  for (char* block : kept) free(block);
  return nullptr;
}

void alive() {
  const long at_first = resident_kib();
  pthread_t* threads = map_table<pthread_t>(kAlive);
  char* stacks = map_table<char>(kAlive * kStack);
  for (pthread_barrier_t* gate : {&started, &allocated, &leave}) {
    REQUIRE(pthread_barrier_init(gate, nullptr, kAlive + 1) == 0);
  }
  for (unsigned i = 0; i < kAlive; ++i) {
    threads[i] =
        start(allocate_and_wait, reinterpret_cast<void*>(size_t{i} + 1), stacks + i * kStack);
  }
  const long before = resident_kib();
  pthread_barrier_wait(&started);
  pthread_barrier_wait(&allocated);
  at_most("held by each of 5000 threads", static_cast<double>(resident_after(2) - before) / kAlive,
          64, "KiB");
  const double live = static_cast<double>(alive_bytes) / 1024;
  note("alive", live, "KiB");
  note("RSS 5 s later, all alive, beyond stacks and blocks",
       static_cast<double>(resident_after(3) - before) - live, "KiB");
  pthread_barrier_wait(&leave);
  for (unsigned i = 0; i < kAlive; ++i) pthread_join(threads[i], nullptr);
  munmap(stacks, kAlive * kStack);
  munmap(threads, kAlive * sizeof(pthread_t));
  at_most("RSS 5 s after the end", static_cast<double>(resident_after(5)),
          settled_bound_kib(static_cast<double>(at_first)), "KiB");
}

constexpr Case kCases[] = {{"short", short_threads}, {"alive", alive}};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) wanted = strtoul(argv[2], nullptr, 10);
  return run_case(kCases, argc > 2 ? 2 : argc, argv);
}
