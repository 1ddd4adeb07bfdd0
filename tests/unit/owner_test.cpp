#include "thread/owner.h"

#include <gtest/gtest.h>

#include <thread>

#include "cache_world.h"

namespace {

using namespace tamari;

TEST(Owners, AreMadeWithANumberEach) {
  CacheWorld world;
  EXPECT_EQ(world.a->id, 1U);
  EXPECT_EQ(world.b->id, 2U);
  EXPECT_EQ(world.owners.count(), 3U);
  EXPECT_EQ(world.owners.active(), 2U);
  EXPECT_TRUE(world.a->is_active());
}

TEST(Owners, RetireAndAreAdoptedNewestFirst) {
  CacheWorld world;
  world.owners.retire(*world.a);
  world.owners.retire(*world.b);
  EXPECT_FALSE(world.a->is_active());
  EXPECT_EQ(world.owners.active(), 0U);
  EXPECT_EQ(world.owners.attach(world.shared), world.b);
  EXPECT_EQ(world.owners.attach(world.shared), world.a);
  EXPECT_EQ(world.owners.adopted(), 2U);
  EXPECT_EQ(world.owners.attach(world.shared)->id, 3U);
  EXPECT_EQ(world.owners.adopted(), 2U);
}

TEST(Owners, AnAdopterInheritsTheStash) {
  CacheWorld world;
  constexpr size_t kClass = 5;
  world.set("remote_policy=owner_stash,remote_batch=1");
  CacheWorld::allocate(*world.b, kClass + 1);  // a miss, at which B takes up the settings
  void* block = CacheWorld::allocate(*world.a, kClass);
  world.a->cache.empty();
  CacheWorld::free(*world.b, kClass, block);
  ASSERT_EQ(world.a->stashes[kClass].waiting(), 1U);
  world.owners.retire(*world.a);
  Owner* adopter = world.owners.attach(world.shared);
  ASSERT_EQ(adopter, world.a);
  EXPECT_EQ(CacheWorld::allocate(*adopter, kClass), block);
}

TEST(Owners, EndWithTheMemory) {
  CacheWorld world;
  os::g_fake.commit.fail_from(1, true);
  size_t made = 0;
  while (world.owners.attach(world.shared) != nullptr) ASSERT_LT(++made, 10000U);
  os::g_fake.commit.fails_at = 0;
  EXPECT_NE(world.owners.attach(world.shared), nullptr);
}

TEST(Owners, LoseTheirThreadsInAForkChild) {
  CacheWorld world;
  world.owners.reset_after_fork(world.b);
  EXPECT_TRUE(world.b->is_active());
  EXPECT_FALSE(world.a->is_active());
  EXPECT_EQ(world.owners.active(), 1U);
  EXPECT_EQ(world.owners.attach(world.shared), world.a);
}

// A thread of the parent was in its slow path: its cache may be half-changed and is never used.
TEST(Owners, AreLostIfTheForkInterruptedThem) {
  CacheWorld world;
  static CacheWorld* forked = nullptr;
  forked = &world;
  os::g_fake.on_commit = [] {
    os::g_fake.on_commit = nullptr;
    std::thread([] { forked->owners.reset_after_fork(forked->b); }).join();
  };
  world.a->cache.refill_and_pop(kClassCount - 1);
  EXPECT_EQ(world.a->state.load(), Owner::kLost);
  EXPECT_EQ(world.owners.attach(world.shared)->id, 3U);
}

}  // namespace
