#include "lab/experiment/schedule.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/lab/experiment/make_plan.h"

namespace tamari::lab {
namespace {

const std::vector<std::string> kVariants = {"a", "b", "c", "d"};

std::vector<std::size_t> arms_of(const std::vector<Slot>& slots) {
  std::vector<std::size_t> arms;
  for (const Slot& slot : slots) arms.push_back(slot.arm);
  return arms;
}

std::vector<std::size_t> block(const Plan& plan, std::size_t number, std::size_t stage = 0,
                               std::size_t workload = 0) {
  return arms_of(block_slots(plan, stage, workload, number, kVariants));
}

TEST(LatinBlock, HoldsEveryArmOnceInSlotOrder) {
  const Plan plan = make_plan(kVariants, 1);
  const auto slots = block_slots(plan, 0, 0, 0, kVariants);
  std::set<std::size_t> arms;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    EXPECT_EQ(slots[i].slot, i);
    EXPECT_EQ(slots[i].group, 0u);
    arms.insert(slots[i].arm);
  }
  EXPECT_EQ(slots.size(), plan.arms.size());
  EXPECT_EQ(arms.size(), plan.arms.size());
}

TEST(LatinBlock, PutsEachArmOnceInEachPlaceOverAsManyBlocksAsArms) {
  const Plan plan = make_plan(kVariants, 1);
  const std::size_t size = plan.arms.size();
  for (std::size_t square = 0; square < 4; ++square) {
    std::set<std::pair<std::size_t, std::size_t>> seen;
    for (std::size_t number = square * size; number < (square + 1) * size; ++number) {
      const auto arms = block(plan, number);
      for (std::size_t place = 0; place < size; ++place) seen.insert({place, arms[place]});
    }
    EXPECT_EQ(seen.size(), size * size) << "square " << square;
  }
}

TEST(LatinBlock, DependsOnSeedStageWorkloadAndBlockOnly) {
  Plan plan = make_plan(kVariants, 1);
  EXPECT_EQ(block(plan, 3), block(plan, 3));
  const auto whole = [&](std::size_t stage, std::size_t workload) {
    std::vector<std::vector<std::size_t>> blocks;
    for (std::size_t number = 0; number < 12; ++number) {
      blocks.push_back(block(plan, number, stage, workload));
    }
    return blocks;
  };
  const auto first = whole(0, 0);
  EXPECT_NE(first, whole(1, 0));
  EXPECT_NE(first, whole(0, 1));
  plan.title = "another";
  EXPECT_EQ(first, whole(0, 0));
  plan.seed += std::uint64_t{1} << 40;
  EXPECT_NE(first, whole(0, 0));
}

// A resumed or sharded experiment relies on this order for ever.
TEST(LatinBlock, IsTheSameOnEveryMachine) {
  const Plan plan = make_plan(kVariants, 1);
  EXPECT_EQ(block(plan, 0), (std::vector<std::size_t>{5, 3, 4, 1, 2, 0}));
}

TEST(Block, KeepsBaseAndAgainWithFewerVariants) {
  Plan plan = make_plan(kVariants, 1);
  const auto latin = arms_of(block_slots(plan, 1, 0, 0, {"c"}));
  EXPECT_EQ(std::set<std::size_t>(latin.begin(), latin.end()), (std::set<std::size_t>{0, 3, 5}));
  plan.order = Order::kAbba;
  const auto abba = arms_of(block_slots(plan, 1, 0, 0, {"c"}));
  EXPECT_EQ(std::set<std::size_t>(abba.begin(), abba.end()), (std::set<std::size_t>{0, 3, 5}));
}

TEST(AbbaBlock, HoldsOneGroupForEachVariantAndTheAgainArm) {
  Plan plan = make_plan(kVariants, 1);
  plan.order = Order::kAbba;
  const auto slots = block_slots(plan, 0, 0, 0, kVariants);
  ASSERT_EQ(slots.size(), 4 * (plan.arms.size() - 1));
  std::set<std::size_t> variants;
  for (std::size_t i = 0; i < slots.size(); i += 4) {
    const std::size_t variant = slots[i + 1].arm;
    variants.insert(variant);
    const std::vector<std::size_t> expected = {0, variant, variant, 0};
    for (std::size_t slot = 0; slot < 4; ++slot) {
      EXPECT_EQ(slots[i + slot].arm, expected[slot]);
      EXPECT_EQ(slots[i + slot].slot, slot);
      EXPECT_EQ(slots[i + slot].group, i / 4);
    }
  }
  EXPECT_EQ(variants, (std::set<std::size_t>{1, 2, 3, 4, 5}));
}

TEST(AbbaBlock, ChangesTheOrderOfGroupsFromBlockToBlock) {
  Plan plan = make_plan(kVariants, 1);
  plan.order = Order::kAbba;
  std::set<std::vector<std::size_t>> orders;
  for (std::size_t number = 0; number < 20; ++number) orders.insert(block(plan, number));
  EXPECT_GT(orders.size(), 10u);
}

class Taken : public testing::Test {
 protected:
  void add(const std::string& machine, std::size_t place) {
    SampleRecord record;
    record.machine = machine;
    record.stage = "screen";
    record.workload = "quiet";
    record.slot = slots_[place].slot;
    record.arm = plan_.arms[slots_[place].arm].name;
    taken_.add(record);
  }
  std::size_t missing(const std::string& machine, std::size_t number = 0) const {
    return taken_.missing(plan_, machine, "screen", "quiet", number, slots_).size();
  }

  Plan plan_ = make_plan({"a"}, 2);
  std::vector<Slot> slots_ = block_slots(plan_, 0, 0, 0, {"a"});
  TakenSlots taken_;
};

TEST_F(Taken, LeavesTheRestOfABlock) {
  EXPECT_EQ(missing("here"), 3u);
  add("here", 0);
  const auto left = taken_.missing(plan_, "here", "screen", "quiet", 0, slots_);
  EXPECT_EQ(arms_of(left), (std::vector<std::size_t>{slots_[1].arm, slots_[2].arm}));
  EXPECT_EQ(missing("here", 1), 3u);
}

TEST_F(Taken, NeverCompletesABlockOnAnotherMachine) {
  add("there", 0);
  add("there", 1);
  EXPECT_EQ(missing("here"), 3u);
  add("there", 2);
  EXPECT_EQ(missing("here"), 0u);
}

}  // namespace
}  // namespace tamari::lab
