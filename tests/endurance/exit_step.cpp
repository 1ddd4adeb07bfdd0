// The look at the heap at exit (heap/checked.h), stopped after each of its instructions: between
// any two of them another thread frees a block or writes to a new one. What is found then is no
// reason to complain, and nothing that is looked at may have become inaccessible.
//
// exit_step [PROCESSES]

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <atomic>

#include "../abi/mixed.h"
#include "every_step.h"

namespace {

constexpr size_t kBlocks = 24;
constexpr size_t kSmall = 6;  // of them

std::atomic<long> wanted, done;
long* steps;

// Blocks of two sizes, each now free, now written to up to its last byte.
void* change_blocks(void* seed) {
  static char* blocks[kBlocks];
  Random random(reinterpret_cast<uintptr_t>(seed));
  for (;;) {
    while (wanted == done) sched_yield();
    const bool large = random.below(8) == 0;  // it is looked at for longer
    const size_t i = large ? kSmall + random.below(kBlocks - kSmall) : random.below(kSmall);
    const size_t size = large ? 300000 : 100;
    if (blocks[i] != nullptr) {
      free(blocks[i]);
      blocks[i] = nullptr;
    } else {
      blocks[i] = static_cast<char*>(malloc(size));
      REQUIRE(blocks[i] != nullptr);
      memset(blocks[i] + size - 100, 'x', 100);
    }
    ++done;
  }
}

// The other thread may wait for a lock that this one holds.
bool let_other_change() {
  constexpr int kPatience = 50;
  ++*steps;
  if (wanted == done) ++wanted;
  for (int i = 0; i < kPatience && wanted != done; ++i) sched_yield();
  return false;
}

[[noreturn]] void end_step_by_step(uintptr_t seed) {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, nullptr, change_blocks, reinterpret_cast<void*>(seed)) == 0);
  for (size_t i = 0; i < 16 * kBlocks; ++i) let_other_change();
  EveryStep::start(let_other_change);
  exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const long processes = argc > 1 ? atol(argv[1]) : 2;
  void* memory =
      mmap(nullptr, sizeof *steps, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  steps = static_cast<long*>(memory);
  for (long i = 1; i <= processes; ++i) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) end_step_by_step(static_cast<uintptr_t>(i));
    EXPECT(wait_for(child) == 0);
  }
  at_least("steps to the end", static_cast<double>(*steps) / static_cast<double>(processes), 10000,
           "steps");
  return expect_status();
}
