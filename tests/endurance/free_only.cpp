// Sixteen producers and one thread that only frees, 370 MiB alive all the time: what the reclaimer
// frees must reach those who allocate, or be given back, whether or not it ever allocated itself.

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "figure.h"
#include "mixed.h"

namespace {

constexpr size_t kLive = 370 * kMiB;
constexpr unsigned long kProducers = 16;
constexpr double kSeconds = 8;

struct Item {
  void* block;
  size_t size;
};

// Producers wait while there is no room; the reclaimer waits until the set is full and takes the
// oldest, so that nearly all of kLive is alive at any time.
class LiveSet {
 public:
  LiveSet() { memset(items_, 0, kItems * sizeof(Item)); }  // resident before anything is measured

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
  size_t room_ = kLive, first_ = 0, last_ = 0;
  bool stopped_ = false;
};

void produce(LiveSet& live, unsigned long seed) {
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
long highest_kib() {
  long highest = 0;
  const double start = seconds_now();
  while (seconds_now() < start + kSeconds) {
    sleep_ms(20);
    if (seconds_now() > start + kSeconds / 2) highest = std::max(highest, resident_kib());
  }
  return highest;
}

void run(bool reclaimer_allocates) {
  LiveSet live;
  const long before = resident_kib();
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    if (reclaimer_allocates) free(opaque(malloc(100)));
    Item item;
    while (live.take(item)) free(item.block);
  });
  for (unsigned long i = 1; i <= kProducers; ++i) threads.emplace_back(produce, std::ref(live), i);
  const long highest = highest_kib() - before;
  const size_t passed = live.passed();
  live.stop();
  for (std::thread& thread : threads) thread.join();
  note("alive", static_cast<double>(kLive) / kMiB, "MiB");
  at_most("steady RSS", static_cast<double>(highest) / 1024, 1.25 * kLive / kMiB, "MiB");
  EXPECT(highest > static_cast<long>(kLive / 1024) * 9 / 10);
  note("rate", static_cast<double>(passed) / kSeconds, "blocks/s");
  at_most("RSS 5 s after the end", resident_after(5),
          settled_bound_kib(static_cast<double>(before)), "KiB");
}

void never_allocates() { run(false); }
void allocates_first() { run(true); }

constexpr Case kCases[] = {{"never_allocates", never_allocates},
                           {"allocates_first", allocates_first}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
