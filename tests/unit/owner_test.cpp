#include "thread/owner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

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

TEST(Owners, CountTheBytesThatWaitInAllStashes) {
  CacheWorld world;
  constexpr size_t kSmall = 3;
  constexpr size_t kLarger = 20;
  constexpr auto kLimit = int64_t{10} * kSizeClasses[kSmall].size + 7 * kSizeClasses[kLarger].size;
  BatchPool& pool = world.shared.batches;
  Owner& owner = *world.a;
  const auto batch = [&](uint32_t count) {
    Batch* made = pool.acquire(Shared::kNobody);
    made->count = count;
    return made;
  };
  const auto push = [&](size_t size_class, Batch* pushed) {
    return owner.stash_push(pool, size_class, pushed, SIZE_MAX, static_cast<size_t>(kLimit));
  };
  EXPECT_TRUE(push(kSmall, batch(10)));
  EXPECT_TRUE(push(kLarger, batch(4)));
  EXPECT_TRUE(push(kLarger, batch(3)));
  EXPECT_EQ(owner.stash_bytes.load(), kLimit);
  Batch* more = batch(1);
  EXPECT_FALSE(push(kSmall, more));
  EXPECT_NE(owner.stash_pop_all(pool, kLarger), 0U);
  EXPECT_EQ(owner.stash_bytes.load(), int64_t{10} * kSizeClasses[kSmall].size);
  EXPECT_EQ(owner.stash_pop_all(pool, kLarger), 0U);
  EXPECT_TRUE(push(kSmall, more));
  owner.stash_put_back(pool, kSmall, owner.stash_pop(pool, kSmall));
  EXPECT_EQ(owner.stash_bytes.load(), int64_t{11} * kSizeClasses[kSmall].size);
}

// Memory and counters move on; the record is handed out again as if it were new.
TEST(Owners, AreForgottenWhenNobodyNeedsThem) {
  CacheWorld world;
  constexpr size_t kClass = 5;
  world.a->cache.push_slow(kClass, CacheWorld::allocate(*world.a, kClass));
  const auto frees = static_cast<size_t>(Counter::free_slow_calls);
  world.a->used_ms = 100;
  world.a->cache.empty();
  world.owners.forget_retired(100);
  EXPECT_TRUE(world.a->is_in_use()) << "it has its thread";
  world.owners.retire(*world.a);
  world.owners.forget_retired(99);
  EXPECT_TRUE(world.a->is_in_use()) << "it was used a moment ago";
  world.owners.forget_retired(100);
  EXPECT_FALSE(world.a->is_in_use());
  EXPECT_EQ(world.a->id, 0U) << "the memory was not given back";
  EXPECT_EQ(world.owners.nobody().counters.get(frees), 1U);
  EXPECT_EQ(world.owners.count(), 3U);

  ASSERT_EQ(world.owners.attach(world.shared), world.a);
  EXPECT_EQ(world.a->id, 1U);
  EXPECT_EQ(world.a->counters.get(frees), 0U);
  CacheWorld::free(*world.a, kClass, CacheWorld::allocate(*world.a, kClass));
  EXPECT_EQ(world.owners.attach(world.shared)->id, 3U);
  EXPECT_EQ(world.pages_left(), 0U);
}

constexpr size_t kRoomForMany = size_t{1} << 30;

// The lock is held for some of them at a time.
TEST(Owners, AreForgottenInParts) {
  CacheWorld world(kRoomForMany);
  std::vector<Owner*> owners;
  for (int i = 0; i < 300; ++i) owners.push_back(world.owners.attach(world.shared));
  for (Owner* owner : owners) world.owners.retire(*owner);
  const auto in_use = [&] {
    return std::count_if(owners.begin(), owners.end(), [](Owner* o) { return o->is_in_use(); });
  };
  EXPECT_TRUE(world.owners.forget_retired(UINT64_MAX));
  EXPECT_GT(in_use(), 0);
  EXPECT_FALSE(world.owners.forget_retired(UINT64_MAX));
  EXPECT_EQ(in_use(), 0);
}

// Nothing would be gained by trying again at once.
TEST(Owners, AreNotTriedAgainWhenTheKernelTakesNothingBack) {
  CacheWorld world(kRoomForMany);
  for (int i = 0; i < 300; ++i) world.owners.retire(*world.owners.attach(world.shared));
  os::g_fake.purge.fail_from(1, true);
  EXPECT_FALSE(world.owners.forget_retired(UINT64_MAX));
  os::g_fake.purge.fails_at = 0;
}

TEST(Owners, AreNotForgottenWhileTheyHoldBlocks) {
  CacheWorld world;
  CacheWorld::allocate(*world.a, 5);
  world.owners.reset_after_fork(world.b);
  world.owners.forget_retired(UINT64_MAX);
  EXPECT_TRUE(world.a->is_in_use());
}

// A reader of statistics that holds the lock must not release it for the record's next thread.
TEST(Owners, AreNotForgottenWhileSomebodyLooks) {
  CacheWorld world;
  world.owners.retire(*world.a);
  ASSERT_TRUE(world.a->cache.try_lock());
  world.owners.forget_retired(UINT64_MAX);
  EXPECT_TRUE(world.a->is_in_use());
  world.a->cache.unlock();
  world.owners.forget_retired(UINT64_MAX);
  EXPECT_FALSE(world.a->is_in_use());
}

TEST(Owners, StayAsTheyAreWhenTheKernelTakesNothingBack) {
  CacheWorld world;
  world.owners.retire(*world.a);
  os::g_fake.purge.fail_from(1, true);
  world.owners.forget_retired(UINT64_MAX);
  os::g_fake.purge.fails_at = 0;
  EXPECT_TRUE(world.a->is_in_use());
  EXPECT_EQ(world.owners.attach(world.shared), world.a);
}

// The forking thread may have been between a push and its mark, or a drainer between mark and pop.
TEST(Owners, MarkWhatWaitsAgainInAForkChild) {
  CacheWorld world;
  world.set("remote_policy=owner_stash,remote_batch=1");
  CacheWorld::allocate(*world.b, 6);
  void* block = CacheWorld::allocate(*world.a, 5);
  world.a->cache.empty();
  CacheWorld::free(*world.b, 5, block);
  EXPECT_TRUE(world.a->stash_take_touched());
  world.owners.reset_after_fork(world.b);
  EXPECT_TRUE(world.a->stash_take_touched());
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

// The fork came between the survivor's retirement and its end: the record is everybody's, once.
TEST(Owners, AreNotTheSurvivorsAnyMoreOnceRetired) {
  CacheWorld world;
  world.owners.retire(*world.b);
  world.owners.reset_after_fork(world.b);
  EXPECT_EQ(world.owners.active(), 0U);
  const Owner* first = world.owners.attach(world.shared);
  const Owner* second = world.owners.attach(world.shared);
  EXPECT_NE(first, second);
  EXPECT_EQ(std::min(first, second), world.a);
  EXPECT_EQ(std::max(first, second), world.b);
  EXPECT_EQ(world.owners.active(), 2U);
}

TEST(Owners, AreKnownToTheirThreadBeforeTheyAreActive) {
  CacheWorld world;
  Owner* current = nullptr;
  Owner* made = world.owners.attach(world.shared, &current);
  EXPECT_EQ(current, made);
  made->state.store(Owner::kUnused);  // as a fork in between would find it
  world.owners.reset_after_fork(made);
  world.owners.give_up(made);
  EXPECT_EQ(world.owners.active(), 0U);
}

// Records that hold blocks of vanished threads stand before those that can be forgotten.
TEST(Owners, AreForgottenBehindThoseThatCannotBe) {
  CacheWorld world(kRoomForMany);
  Owner* last = world.owners.attach(world.shared);
  world.owners.retire(*last);
  std::vector<Owner*> owners;
  for (int i = 0; i < 300; ++i) owners.push_back(world.owners.attach(world.shared));
  Owner* oldest = owners.front();  // adopted: behind the others in the list
  for (Owner* owner : owners) {
    world.owners.retire(*owner);
    // As good as holding blocks.
    ASSERT_TRUE(owner == oldest || owner->cache.try_lock());
  }
  world.owners.forget_retired(UINT64_MAX);
  EXPECT_FALSE(oldest->is_in_use());
  for (Owner* owner : owners) {
    if (owner != oldest) owner->cache.unlock();
  }
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
  EXPECT_TRUE(world.a->is_lost());
  EXPECT_EQ(world.owners.attach(world.shared)->id, 3U);
}

}  // namespace
