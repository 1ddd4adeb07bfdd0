// See worker.h.
#include "worker.h"

#include <sched.h>

#include <cstdlib>
#include <cstring>
#include <ctime>

#include "random.h"

namespace tamari::bench {
namespace {

constexpr std::uint64_t kEverything = ~0ULL;
constexpr std::uint64_t kWaitingBatch = 64;
constexpr long kIdleNapNs = 100'000;
constexpr std::uint64_t kSeed = 0x7461'6d61'7269ULL;

void touch(void* block, std::uint64_t size, Touch mode) {
  if (mode == Touch::kEnds) {
    auto* bytes = static_cast<volatile char*>(block);
    bytes[0] = 1;
    bytes[size - 1] = 1;
  } else if (mode == Touch::kAll) {
    std::memset(block, 1, size);
  }
}

std::uint64_t receive(Worker& worker, Counts& counts, std::uint64_t limit) {
  const std::uint64_t n = worker.inbound.take(limit, [](void* block) { std::free(block); });
  counts.received += n;
  return n;
}

void push_matched(Worker& worker, Counts& counts, void* block) {
  while (!worker.next->inbound.push(block)) {
    if (receive(worker, counts, kWaitingBatch) == 0) sched_yield();
  }
  ++counts.pushed;
}

void release(Worker& worker, Counts& counts, void* block, bool remote) {
  if (remote && worker.arguments->matched != 0) return push_matched(worker, counts, block);
  if (remote) {
    if (worker.next->inbound.push(block)) {
      ++counts.pushed;
      return;
    }
    ++counts.fallbacks;
  }
  std::free(block);
  ++counts.local_frees;
}

void* allocate(Counts& counts, std::uint64_t size, Touch mode) {
  void* block = std::malloc(size);
  if (block == nullptr) {
    ++counts.failed_allocations;
    return nullptr;
  }
  touch(block, size, mode);
  ++counts.allocations;
  return block;
}

}  // namespace

void run_iterations(Worker& worker, Counts& counts) {
  const Arguments& arguments = *worker.arguments;
  const Touch mode = arguments.touch_mode();
  const std::uint64_t sizes = arguments.max_size - arguments.min_size + 1;
  Random random(kSeed + worker.index);
  for (std::uint64_t i = 0; i < arguments.iterations; ++i) {
    receive(worker, counts, kEverything);
    void*& slot = worker.slots[random.below(arguments.slots)];
    if (slot != nullptr) {
      const bool remote = random.below(100) < arguments.remote_percent && worker.next != nullptr;
      release(worker, counts, slot, remote);
      slot = nullptr;
    } else {
      slot = allocate(counts, arguments.min_size + random.below(sizes), mode);
    }
  }
}

void serve_producer(Worker& worker, Counts& counts) {
  while (!worker.previous->done.load(std::memory_order_acquire)) {  // pairs with run_worker
    if (receive(worker, counts, kWaitingBatch) == 0) sleep_ns(kIdleNapNs);
  }
}

void free_leftovers(Worker& worker) {
  for (std::uint64_t i = 0; i < worker.arguments->slots; ++i) {
    if (worker.slots[i] == nullptr) continue;
    std::free(worker.slots[i]);
    ++worker.counts.cleanup_frees;
  }
  worker.counts.cleanup_frees +=
      worker.inbound.take(kEverything, [](void* block) { std::free(block); });
}

void sleep_ns(std::uint64_t nanoseconds) {
  timespec left{static_cast<time_t>(nanoseconds / 1'000'000'000),
                static_cast<long>(nanoseconds % 1'000'000'000)};
  while (nanosleep(&left, &left) != 0) {
  }
}

}  // namespace tamari::bench
