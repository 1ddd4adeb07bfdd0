// What mutants asked for: faults that no other test sees. Each case is one fault's.
#include <gtest/gtest.h>

#include <functional>

#include "cache_world.h"

namespace {

using namespace tamari;

constexpr size_t kClass = 3;  // several blocks in the first array

// A stranger steals from an array p0 p1 p2 whose thread's last stores are late. They arrive where
// the kernel's barrier makes them: the fake one is where they are played by hand. (On the scheduler
// the tops of the shipped cache are plain words, and x86-64 seldom delays a store for so long.) A
// steal that does not wait for them takes a block that the thread has; its second free is reported.
class LateStores : public testing::Test {
 protected:
  LateStores() {
    std::vector<void*> blocks = CacheWorld::allocate(*world_.a, kClass, 4);
    CacheWorld::use_up(*world_.a, kClass, blocks);
    for (size_t i = 0; i < 3; ++i) CacheWorld::free(*world_.a, kClass, blocks[i]);
    mine_.assign(blocks.begin() + 3, blocks.end());
    slots_ = top() - 3;
  }

  Slot*& top() { return world_.a->cache.top[kClass]; }

  void steal(std::function<void()> at_first_barrier, std::function<void()> at_second_barrier) {
    arrivals() = {[] {} /* the barrier that asks the kernel */, at_first_barrier,
                  at_second_barrier};
    os::g_fake.on_barrier = arrive;
    EXPECT_TRUE(world_.steal(*world_.a));
    os::g_fake.on_barrier = nullptr;
    while (!arrivals().empty()) arrive();
  }

  // Everything that the thread has goes back.
  void expect_each_block_once() {
    for (void* block : mine_) CacheWorld::free(*world_.a, kClass, block);
    EXPECT_EQ(world_.pages_left(), 0U);
  }

  CacheWorld world_;
  std::vector<void*> mine_;
  Slot* slots_;

 private:
  static std::vector<std::function<void()>>& arrivals() {
    static std::vector<std::function<void()>> all;
    return all;
  }
  static void arrive() {
    if (arrivals().empty()) return;
    const std::function<void()> next = arrivals().front();
    arrivals().erase(arrivals().begin());
    next();
  }
};

// The thread has popped p2, and its new top is late.
TEST_F(LateStores, TheFirstBarrierShowsTheTopOfAPopUnderWay) {
  void* p2 = slots_[2].load();
  steal([&] { top() = slots_ + 2; }, [] {});
  mine_.push_back(p2);
  expect_each_block_once();
}

// The thread has popped p2 and p1. After the first barrier it pushes two blocks, and the lower
// one's slot is late.
TEST_F(LateStores, TheSecondBarrierShowsTheSlotsBelowTheTop) {
  void* p1 = slots_[1].load();
  void* p2 = slots_[2].load();
  void* other = mine_.back();
  mine_.pop_back();
  steal(
      [&] {
        slots_[2].store(p2);
        top() = slots_ + 3;
      },
      [&] { slots_[1].store(other); });
  mine_.push_back(p1);
  expect_each_block_once();
}

// A stranger that looked while the owner's drain had the batch in hand found the stash empty.
TEST(Gaps, ARestThatIsPutBackCountsAsAPush) {
  CacheWorld world;
  world.set(
      "remote_policy=owner_stash,remote_batch=8,stash_drain_limit=2,stash_bounded_drain=1,"
      "stash_bounded_extra=0");
  std::vector<void*> others;
  for (Owner* owner : {world.a, world.b}) {  // a miss each, at which a cache takes up the settings
    others.push_back(CacheWorld::allocate(*owner, kClass + 1));
  }
  std::vector<void*> blocks = CacheWorld::allocate(*world.a, kClass, 8);
  CacheWorld::use_up(*world.a, kClass, blocks);
  for (size_t i = 0; i < 8; ++i) CacheWorld::free(*world.b, kClass, blocks[i]);
  ASSERT_EQ(world.a->stashes[kClass].waiting(), 8U);
  ASSERT_TRUE(world.a->stash_take_touched());
  CacheWorld::allocate(*world.a, kClass);
  ASSERT_EQ(world.a->stashes[kClass].waiting(), 6U);
  EXPECT_TRUE(world.a->stash_take_touched()) << "nobody would look for these blocks";
}

TEST(Gaps, ABatchGoesBackToThePoolWhenItsBlocksGoToTheirSpans) {
  CacheWorld world;
  BatchPool& pool = world.shared.batches;
  void* block = CacheWorld::allocate(*world.a, kClass);
  Batch* first = pool.acquire(Shared::kNobody);
  first->slots[0].store(block);
  first->count = 1;
  world.shared.send_to_spans(kClass, first, world.a->counters);
  EXPECT_EQ(pool.acquire(Shared::kNobody), first);
}

}  // namespace
