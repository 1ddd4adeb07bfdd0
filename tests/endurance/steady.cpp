// The same amount of memory, used again and again by others: other size classes, other threads.
// What is resident stays near what is alive, and goes 1.5 s after everything was freed.
//
// steady nine_classes | nine_classes_remote | third_party | pairs

#include <memory>
#include <thread>
#include <vector>

#include "../abi/live_set.h"
#include "../abi/sleeper.h"
#include "figure.h"

namespace {

constexpr double kSteady = 1.3;  // times what is alive
constexpr double kLeft = 0.15;   // of the peak
constexpr double kSoon = 1.5;    // seconds

double mib(long kib) { return static_cast<double>(kib) / 1024; }

// Nobody calls the allocator any more.
void expect_given_back(long peak_kib) {
  at_most("RSS 1.5 s after the last free", mib(resident_after(kSoon)), kLeft * mib(peak_kib),
          "MiB");
}

// Blocks of one or of mixed sizes, in a table that is not the allocator's.
class Blocks {
 public:
  explicit Blocks(size_t most) : blocks_(map_table<void*>(most)), most_(most) {}
  // All of one size; or mixed, if that is 0. Returns the highest RSS met.
  long fill(size_t bytes, size_t size, Random& random) {
    long highest = 0;
    for (size_t filled = 0, mark = 0; filled < bytes;) {
      const size_t wanted = size != 0 ? size : mixed_size(random);
      REQUIRE(count_ < most_);
      blocks_[count_] = malloc(wanted);
      REQUIRE(blocks_[count_] != nullptr);
      memset(blocks_[count_++], 1, wanted);
      filled += wanted;
      if (filled < mark && filled < bytes) continue;
      highest = std::max(highest, resident_kib());
      mark += bytes / 32;
    }
    return highest;
  }
  void release() {
    for (size_t i = 0; i < count_; ++i) free(blocks_[i]);
    count_ = 0;
  }
  // The table itself counts neither as alive nor as held.
  void touch() { memset(blocks_, 0, most_ * sizeof(void*)); }
  void drop() { munmap(blocks_, most_ * sizeof(void*)); }

 private:
  void** blocks_;
  size_t most_, count_ = 0;
};

// 128 MiB through nine size classes, one after the other; freed by the thread itself or by another.
void nine_classes(bool remote) {
  constexpr size_t kBytes = 128 * kMiB;
  constexpr size_t kSizes[] = {32, 80, 192, 448, 1024, 2560, 6144, 14336, 40960};
  Blocks blocks(kBytes / 32);
  blocks.touch();
  Random random(1);
  const long before = resident_kib();
  long highest = 0;
  for (const size_t size : kSizes) {
    highest = std::max(highest, blocks.fill(kBytes, size, random));
    if (remote) {
      std::thread([&] { blocks.release(); }).join();
    } else {
      blocks.release();
    }
  }
  at_most("peak", mib(highest - before), 1.6 * kBytes / kMiB, "MiB");
  EXPECT(highest - before > static_cast<long>(kBytes / 1024));
  blocks.drop();
  expect_given_back(highest);
}

void nine_classes_local() { nine_classes(false); }
void nine_classes_remote() { nine_classes(true); }

// A allocates and sleeps for ever, B frees all of it and sleeps, C allocates as much.
void third_party() {
  constexpr size_t kBytes = 256 * kMiB;
  Blocks blocks(kBytes / 1000);
  blocks.touch();
  const long before = resident_kib();
  long highest = 0;
  Random random(1);
  Sleeper owner([&] { highest = blocks.fill(kBytes, 0, random); });
  owner.wait_until_asleep();
  Sleeper freer([&] { blocks.release(); });
  freer.wait_until_asleep();
  long third = 0;
  Sleeper taker([&] { third = blocks.fill(kBytes, 0, random); });
  taker.wait_until_asleep();
  note("alive", kBytes / kMiB, "MiB");
  note("peak while the third allocates", mib(third - before), "MiB");
  at_most("RSS 2 s later", mib(resident_after(2) - before), kSteady * kBytes / kMiB, "MiB");
  Sleeper end([&] { blocks.release(); });
  end.wait_until_asleep();
  blocks.drop();
  expect_given_back(std::max(highest, third));
}

// Four producers and four consumers.
void pairs() {
  constexpr size_t kLive = 370 * kMiB;
  constexpr double kSeconds = 6;
  LiveSet live(kLive);
  const long before = resident_kib();
  std::vector<std::thread> threads;
  for (unsigned long i = 1; i <= 4; ++i) {
    threads.emplace_back(produce, std::ref(live), i);
    threads.emplace_back([&] {
      Item item;
      while (live.take(item)) free(item.block);
    });
  }
  const long highest = highest_kib(kSeconds);
  note("rate", static_cast<double>(live.passed()) / kSeconds, "blocks/s");
  at_most("steady RSS", mib(highest - before), kSteady * kLive / kMiB, "MiB");
  EXPECT(highest - before > static_cast<long>(kLive / 1024) * 9 / 10);
  live.stop();
  for (std::thread& thread : threads) thread.join();
  Item item;
  while (live.take(item)) free(item.block);
  expect_given_back(highest);
}

constexpr Case kCases[] = {{"nine_classes", nine_classes_local},
                           {"nine_classes_remote", nine_classes_remote},
                           {"third_party", third_party},
                           {"pairs", pairs}};

}  // namespace

int main(int argc, char** argv) {
  const int status = run_case(kCases, argc, argv);
  _exit(status);  // sleepers still sleep
}
