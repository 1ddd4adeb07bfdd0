// Producers and one thread that only frees, with a bounded set of live blocks between them: what it
// frees must reach those who allocate, or be given back.

#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "mixed.h"
#include "process.h"

struct Item {
  void* block;
  size_t size;
};

// Producers wait while there is no room; the reclaimer waits until the set is full and takes the
// oldest, so that nearly all of `bytes` is alive at any time.
class LiveSet {
 public:
  // Its own table is resident before anything is measured.
  explicit LiveSet(size_t bytes) : room_(bytes) { memset(items_, 0, kItems * sizeof(Item)); }

  bool put(Item item) {
    std::unique_lock lock(mutex_);
    space_.wait(lock, [&] { return stopped_ || (room_ >= item.size && last_ - first_ < kItems); });
    if (stopped_) return false;
    items_[last_++ % kItems] = item;
    room_ -= item.size;
    if (room_ < kSlack) filled_.notify_one();
    return true;
  }

  bool take(Item& item) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return stopped_ || room_ < kSlack; });
    if (first_ == last_) return false;
    item = items_[first_++ % kItems];
    room_ += item.size;
    space_.notify_one();
    return true;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    space_.notify_all();
    filled_.notify_all();
  }

  size_t passed() const { return last_; }

 private:
  static constexpr size_t kItems = 1 << 19;
  static constexpr size_t kSlack = kMiB;
  std::mutex mutex_;
  std::condition_variable space_, filled_;
  Item* items_ = map_table<Item>(kItems);
  size_t room_, first_ = 0, last_ = 0;
  bool stopped_ = false;
};

inline void produce(LiveSet& live, unsigned long seed) {
  Random random(seed);
  for (;;) {
    const size_t size = mixed_size(random);
    void* block = malloc(size);
    REQUIRE(block != nullptr);
    memset(block, 1, size);
    if (live.put({block, size})) continue;
    free(block);
    return;
  }
}

// The highest RSS in the second half of the time: caches and stashes have filled by then.
inline long highest_kib(double seconds) {
  long highest = 0;
  const double start = seconds_now();
  while (seconds_now() < start + seconds) {
    sleep_ms(20);
    if (seconds_now() > start + seconds / 2) highest = std::max(highest, resident_kib());
  }
  return highest;
}

struct FreeOnly {
  long before_kib;   // resident
  long highest_kib;  // more than that, while it ran
  size_t passed;     // blocks
};

// Sixteen producers, for so long; the reclaimer has a cache of its own or none.
inline FreeOnly run_free_only(size_t live_bytes, double seconds, bool reclaimer_allocates) {
  constexpr unsigned long kProducers = 16;
  LiveSet live(live_bytes);
  FreeOnly result = {resident_kib(), 0, 0};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    if (reclaimer_allocates) free(opaque(malloc(100)));
    Item item;
    while (live.take(item)) free(item.block);
  });
  for (unsigned long i = 1; i <= kProducers; ++i) threads.emplace_back(produce, std::ref(live), i);
  result.highest_kib = highest_kib(seconds) - result.before_kib;
  result.passed = live.passed();
  live.stop();
  for (std::thread& thread : threads) thread.join();
  return result;
}
