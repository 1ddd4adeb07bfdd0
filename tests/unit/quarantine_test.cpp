#include "heap/quarantine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace {

using tamari::Access;
using tamari::Quarantine;
using tamari::Waiting;

constexpr size_t kClass = 1;
constexpr size_t kPlaces = Quarantine::kPlaces;

const void* block_at(size_t index) {
  return reinterpret_cast<const void*>(uintptr_t{0x7f0000000000} + (index + 1) * 16);
}
size_t index_of(Waiting waiting) {
  return (reinterpret_cast<uintptr_t>(waiting.block()) - uintptr_t{0x7f0000000000}) / 16 - 1;
}

TEST(Waiting, HoldsABlockAndItsClass) {
  EXPECT_FALSE(Waiting());
  EXPECT_EQ(Waiting().bytes(), 0U);
  for (const uintptr_t address : {uintptr_t{16}, (uintptr_t{1} << 57) - 16}) {
    const Waiting waiting(reinterpret_cast<const void*>(address), tamari::kClassCount - 1);
    EXPECT_TRUE(waiting);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(waiting.block()), address);
    EXPECT_EQ(waiting.size_class(), tamari::kClassCount - 1);
    EXPECT_EQ(waiting.bytes(), tamari::kMaxClassBytes);
  }
}

TEST(Quarantine, KeepsABlockForAWhile) {
  Quarantine quarantine;
  size_t at_once = 0;
  for (size_t i = 0; i < 4 * kPlaces; ++i) {
    const Waiting leaving = quarantine.exchange({block_at(i), kClass}, Access::kOwn);
    if (leaving && index_of(leaving) == i) ++at_once;
  }
  EXPECT_EQ(at_once, 0U);
}

TEST(Quarantine, KeepsABoundedNumberOfBytes) {
  Quarantine quarantine;
  const size_t size_class = tamari::class_of_size(Quarantine::kMostBytes / 4);
  size_t waits = 0;
  size_t at_once = 0;
  for (size_t i = 0; i < 64; ++i) {
    const Waiting leaving = quarantine.exchange({block_at(i), size_class}, Access::kShared);
    if (!leaving) {
      ++waits;
    } else if (index_of(leaving) == i) {
      ++at_once;
    }
  }
  EXPECT_EQ(waits, 4U);
  EXPECT_EQ(at_once, 0U);
}

TEST(Quarantine, KeepsNoBlockThatIsTooLarge) {
  Quarantine quarantine;
  const Waiting large(block_at(0), tamari::class_of_size(Quarantine::kMostBytes + 1));
  EXPECT_EQ(quarantine.exchange(large, Access::kShared).block(), block_at(0));
  EXPECT_EQ(quarantine.bytes(), 0U);
}

TEST(Quarantine, IsEntirelyTaken) {
  Quarantine quarantine;
  size_t out = 0;
  for (size_t i = 0; i < 10; ++i) quarantine.exchange({block_at(i), kClass}, Access::kShared);
  const auto forget = [&](bool forgotten) {
    quarantine.for_each(Access::kShared, true, [&](Waiting waiting) {
      out += index_of(waiting);
      return forgotten;
    });
  };
  forget(false);
  forget(true);
  forget(true);
  EXPECT_EQ(out, 2 * 45U);
  EXPECT_EQ(quarantine.bytes(), 0U);
}

TEST(Quarantine, ShowsTheBlockThatCameLast) {
  Quarantine quarantine;
  for (const Access access : {Access::kOwn, Access::kShared}) {
    const auto newest = [&] {
      Waiting seen;
      quarantine.look_at_newest(access, [&](Waiting waiting) { seen = waiting; });
      return seen;
    };
    EXPECT_FALSE(newest());
    for (size_t i = 0; i < 2 * kPlaces; ++i) {
      quarantine.exchange({block_at(i), kClass}, access);
      EXPECT_EQ(index_of(newest()), i);
    }
    quarantine.for_each(access, true, [](Waiting) { return true; });
  }
}

// The thread it belongs to puts blocks in while others take out what waits: none may be lost, and
// none come out twice.
TEST(Quarantine, LosesNothingToStrangers) {
  constexpr size_t kBlocks = 2'000'000;
  static std::array<std::atomic<uint8_t>, kBlocks> came_out;
  Quarantine quarantine;
  std::atomic<bool> done{false};
  const auto note = [](Waiting waiting) { came_out[index_of(waiting)].fetch_add(1); };
  const auto take_all = [&](Access access) {
    quarantine.for_each(access, true, [&](Waiting waiting) {
      note(waiting);
      return true;
    });
  };
  std::vector<std::thread> strangers;
  for (int i = 0; i < 2; ++i) {
    strangers.emplace_back([&] {
      while (!done.load()) take_all(Access::kStranger);
    });
  }
  for (size_t i = 0; i < kBlocks; ++i) {
    const Waiting leaving = quarantine.exchange({block_at(i), kClass}, Access::kOwn);
    if (leaving) note(leaving);
  }
  done = true;
  for (std::thread& stranger : strangers) stranger.join();
  take_all(Access::kOwn);
  EXPECT_TRUE(std::all_of(came_out.begin(), came_out.end(), [](const auto& n) { return n == 1; }));
}

}  // namespace
