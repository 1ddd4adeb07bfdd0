// The processors that a process may use change while it runs: the last one only, all, each in turn,
// one and all again, with more threads than processors. Nothing may be sized by what was there at
// start.

#include <sched.h>

#include <atomic>
#include <thread>
#include <vector>

#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr unsigned long kThreads = 8;
constexpr unsigned long kSlots = 512;
constexpr size_t kOperations = 400000;  // of each thread

std::atomic<char*> slots[kSlots];

using Processors = std::vector<int>;

// The calling thread; threads that it makes inherit it.
bool use_only(const Processors& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int processor : processors) CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

// The first `count` that this process can have.
Processors find_processors(size_t count) {
  Processors found;
  for (int p = 0; p < CPU_SETSIZE && found.size() < count; ++p) {
    if (use_only({p})) found.push_back(p);
  }
  return found;
}

void churn(unsigned long seed, const Processors& processors) {
  Random random(seed);
  for (size_t i = 0; i < kOperations; ++i) {
    const size_t move = i / 20000;
    if (i % 20000 == 0)
      REQUIRE(use_only(move % 2 == 0 ? processors
                                     : Processors{processors[move / 2 % processors.size()]}));
    const size_t size = mixed_size(random);
    auto* block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr);
    block[0] = block[size - 1] = 'p';
    char* old = slots[random.below(kSlots)].exchange(block);
    if (old != nullptr) EXPECT(old[0] == 'p');
    free(old);
  }
}

}  // namespace

int main(int argc, char** argv) {
  cpu_set_t all;
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  if (argc == 1) {  // from the first instruction on the last processor only
    int last = CPU_SETSIZE - 1;
    while (!CPU_ISSET(last, &all)) --last;
    REQUIRE(use_only({last}));
    char count[16];
    snprintf(count, sizeof count, "%d", CPU_COUNT(&all));
    exec_self(count);
  }
  const long before = resident_kib();
  free(opaque(malloc(100)));
  const Processors processors = find_processors(strtoul(argv[1], nullptr, 10));
  std::vector<std::thread> threads;
  for (unsigned long t = 1; t <= kThreads; ++t) threads.emplace_back(churn, t, processors);
  for (std::thread& thread : threads) thread.join();
  for (auto& slot : slots) free(slot.exchange(nullptr));
  note("processors", static_cast<double>(processors.size()), "processors");
  at_most("RSS 5 s after the end", static_cast<double>(resident_after(5)),
          settled_bound_kib(static_cast<double>(before)), "KiB");
  return expect_status();
}
