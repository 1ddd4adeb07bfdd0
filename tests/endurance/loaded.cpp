// MIB alive in random blocks, exchanged all the time by four threads: for a process whose memory is
// limited from outside.
//
// loaded MIB

#include <atomic>
#include <thread>
#include <vector>

#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr size_t kMean = 2725;  // bytes, of mixed_size
constexpr unsigned long kThreads = 4;

void churn(std::atomic<char*>* slots, size_t count, unsigned long seed) {
  Random random(seed);
  for (size_t i = 0; i < 6 * count; ++i) {
    const size_t size = mixed_size(random);
    auto* block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr);
    memset(block, 1, size);
    free(slots[random.below(count)].exchange(block));
  }
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  const size_t live = strtoul(argv[1], nullptr, 10) * kMiB;
  const size_t count = live / kMean;
  auto* slots = map_table<std::atomic<char*>>(count);
  std::vector<std::thread> threads;
  for (unsigned long t = 1; t <= kThreads; ++t) threads.emplace_back(churn, slots, count, t);
  for (std::thread& thread : threads) thread.join();
  note("alive", static_cast<double>(live) / kMiB, "MiB");
  note("RSS while busy", static_cast<double>(resident_kib()) / 1024, "MiB");
  for (size_t i = 0; i < count; ++i) free(slots[i].exchange(nullptr));
  return expect_status();
}
