#include "central/central_lists.h"

#include <gtest/gtest.h>

#include <vector>

#include "world.h"

namespace {

using namespace tamari;

class CentralListsTest : public testing::Test {
 protected:
  CentralListsTest() { EXPECT_TRUE(world.start()); }

  CentralLists& lists() { return world.shared.central; }
  std::vector<Slot> remove(size_t c, size_t wanted, uint32_t owner) {
    std::vector<Slot> slots(wanted);
    const size_t got = lists().remove(c, slots.data(), wanted, owner).blocks;
    EXPECT_EQ(got, wanted);
    return slots;
  }
  size_t page_of(const Slot& slot) { return world.arena.map().page_of(slot.load()); }
  uint64_t spans_of(size_t c) {
    uint64_t spans = 0;
    for (const CentralList& list : lists())
      if (list.size_class() == c) spans += list.spans_created() - list.spans_released();
    return spans;
  }

  static constexpr size_t kLine = 2;  // a class below a cache line
  static constexpr size_t kOther = 20;
  World world;
};

TEST_F(CentralListsTest, OwnersTakeSmallBlocksFromSpansOfTheirOwn) {
  const auto a = remove(kLine, 4, 1), b = remove(kLine, 4, 2);
  EXPECT_NE(page_of(a[0]), page_of(b[0]));
  const auto c = remove(kOther, 4, 1), d = remove(kOther, 4, 2);
  EXPECT_EQ(page_of(c[0]), page_of(d[0]));
}

TEST_F(CentralListsTest, EachBlockOfAMixedBatchGoesBackToTheListOfItsSpan) {
  std::vector<Slot> a = remove(kLine, 3, 1), b = remove(kLine, 3, 2);
  std::vector<Slot> mixed(6);
  for (size_t i = 0; i < 3; ++i) {
    mixed[2 * i].store(a[i].load());
    mixed[2 * i + 1].store(b[i].load());
  }
  EXPECT_EQ(lists().insert(kLine, mixed.data(), mixed.size()), nullptr);
  for (const Slot& slot : mixed) EXPECT_TRUE(lists().holds(kLine, slot.load()));
  uint64_t free = 0;
  for (const CentralList& list : lists())
    if (list.size_class() == kLine) free += list.free_blocks();
  EXPECT_EQ(free, 2 * kSizeClasses[kLine].block_count);
  EXPECT_EQ(lists().insert(kLine, &mixed[4], 2), mixed[4].load()) << "freed twice";
}

TEST_F(CentralListsTest, WhereMuchIsFreeNobodyMakesAnotherSpan) {
  const size_t blocks = 4 * kSizeClasses[kLine].block_count;
  std::vector<std::vector<Slot>> batches;
  for (size_t taken = 0; taken < blocks; taken += 32) batches.push_back(remove(kLine, 32, 1));
  for (const auto& batch : batches) EXPECT_EQ(lists().insert(kLine, batch.data(), 24), nullptr);
  const uint64_t before = spans_of(kLine);
  remove(kLine, 32, 2);
  EXPECT_EQ(spans_of(kLine), before);
}

}  // namespace
