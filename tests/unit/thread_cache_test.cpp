#include "thread/thread_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "cache_world.h"

namespace {

using namespace tamari;

constexpr size_t kClass = 20;  // 448 bytes or so: above a cache line
constexpr size_t kTiny = 2;    // 32 bytes: below one
constexpr size_t kLast = kClassCount - 1;
constexpr size_t kOther = 30;

struct ThreadCacheTest : testing::Test {
  uint64_t of_a(Counter name) { return CacheWorld::count(*world.a, name); }
  uint64_t of_b(Counter name) { return CacheWorld::count(*world.b, name); }

  // B frees `count` blocks of A's, whose cache is left without any.
  void free_remotely(size_t count, size_t c = kClass) {
    // A miss each, at which a cache takes up what was set.
    for (Owner* owner : {world.a, world.b}) {
      CacheWorld::use_up(*owner, kOther, others);
      others.push_back(CacheWorld::allocate(*owner, kOther));
    }
    blocks = CacheWorld::allocate(*world.a, c, count);
    CacheWorld::use_up(*world.a, c, blocks);
    for (size_t i = 0; i < count; ++i) CacheWorld::free(*world.b, c, blocks[i]);
    blocks.erase(blocks.begin(), blocks.begin() + static_cast<long>(count));
  }
  // By A. How many blocks left at once.
  uint64_t free_until_a_batch_leaves(size_t c) {
    const uint64_t before = of_a(Counter::flush_blocks);
    while (of_a(Counter::flush_blocks) == before) {
      CacheWorld::free(*world.a, c, blocks.back());
      blocks.pop_back();
    }
    return of_a(Counter::flush_blocks) - before;
  }
  void allocate_and_free(size_t c, size_t count) {
    for (void* block : CacheWorld::allocate(*world.a, c, count))
      CacheWorld::free(*world.a, c, block);
  }
  // What A counts most in one of many allocations of another class, whose misses sweep all others.
  uint64_t most_in_one_call(Counter name) {
    uint64_t most = 0;
    for (int i = 0; i < 20000; ++i) {
      const uint64_t before = of_a(name);
      blocks.push_back(CacheWorld::allocate(*world.a, kTiny));
      most = std::max(most, of_a(name) - before);
    }
    return most;
  }
  // Frees the rest and expects every page back.
  void expect_nothing_lost(size_t c = kClass) {
    for (void* block : blocks) CacheWorld::free(*world.a, c, block);
    for (Owner* owner : {world.a, world.b}) {
      for (void* block : others) CacheWorld::free(*owner, kOther, block);
      others.clear();
    }
    EXPECT_EQ(world.pages_left(), 0U);
  }

  CacheWorld world;
  std::vector<void*> blocks, others;
};

TEST_F(ThreadCacheTest, DirectKeepsForeignBlocksAndSendsTheOverflowOn) {
  free_remotely(500);
  EXPECT_EQ(of_b(Counter::free_remote), 0U);
  EXPECT_EQ(of_b(Counter::stash_push_batches), 0U);
  EXPECT_GT(of_b(Counter::transfer_inserts), 0U);
  EXPECT_GT(world.b->cache.held_bytes(), 0U);
  CacheWorld::use_up(*world.b, kClass, blocks);
  blocks.push_back(CacheWorld::allocate(*world.a, kClass));
  EXPECT_EQ(of_a(Counter::alloc_from_transfer), 1U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, OwnerStashSendsForeignBlocksHomeInBatches) {
  world.set("remote_policy=owner_stash,remote_batch=10");
  free_remotely(100);
  EXPECT_EQ(of_b(Counter::free_remote), 100U);
  EXPECT_EQ(of_b(Counter::stash_push_batches), 10U);
  EXPECT_EQ(of_b(Counter::stash_push_blocks), 100U);
  EXPECT_EQ(of_b(Counter::batch_blocks_8_15), 10U);
  EXPECT_EQ(world.a->stashes[kClass].waiting(), 100U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, HybridSendsTinyBlocksHomeAndOthersNot) {
  world.set("remote_policy=hybrid,remote_batch=10");
  free_remotely(10, kTiny);
  EXPECT_EQ(of_b(Counter::free_remote), 10U);
  EXPECT_EQ(world.a->stashes[kTiny].waiting(), 10U);
  for (void* block : blocks) CacheWorld::free(*world.a, kTiny, block);
  free_remotely(500);
  EXPECT_EQ(of_b(Counter::free_remote), 10U);
  EXPECT_EQ(world.a->stashes[kClass].waiting(), 0U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, HybridSendsTinyBlocksPastTheTransferCacheUnlessTheirThreadIsAlone) {
  world.set("remote_policy=hybrid");
  // The second time more than it keeps of what it missed the first time.
  for (const auto& [awake, count] : {std::pair{2U, 500}, std::pair{1U, 5000}}) {
    world.owners.set_awake(awake);
    const uint64_t before = CacheWorld::count(*world.a, Counter::transfer_inserts);
    for (void* block : CacheWorld::allocate(*world.a, kTiny, count))
      CacheWorld::free(*world.a, kTiny, block);
    EXPECT_EQ(CacheWorld::count(*world.a, Counter::transfer_inserts) != before, awake == 1);
  }
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, AThreadThatSendsOnAGoodPartTakesNoBlocksOfOthers) {
  world.set("remote_policy=direct,transfer_small_bytes=1G");
  const auto allocate_more = [&](size_t count) {
    const std::vector<void*> more = CacheWorld::allocate(*world.a, kTiny, count);
    blocks.insert(blocks.end(), more.begin(), more.end());
  };
  const std::vector<void*> own = CacheWorld::allocate(*world.a, kTiny, 20000);
  for (void* block : CacheWorld::allocate(*world.b, kTiny, 20000))
    CacheWorld::free(*world.b, kTiny, block);
  ASSERT_GT(of_b(Counter::transfer_inserts), 0U);
  world.set("transfer_small_bytes=0");
  for (size_t i = 0; i < own.size(); ++i) {
    if (i % 1000 == 0) {
      blocks.push_back(own[i]);  // its span stays
    } else {
      CacheWorld::free(*world.a, kTiny, own[i]);
    }
  }
  allocate_more(40000);
  EXPECT_EQ(of_a(Counter::alloc_from_transfer), 0U);
  allocate_more(40000);
  EXPECT_GT(of_a(Counter::alloc_from_transfer), 0U) << "it takes many times what it has sent on";
  expect_nothing_lost(kTiny);
}

TEST_F(ThreadCacheTest, HybridStopsLookingWhenAllBlocksAreItsOwn) {
  world.set("remote_policy=hybrid");
  free_remotely(0);
  for (int i = 0; i < 100; ++i)
    CacheWorld::free(*world.b, kTiny, CacheWorld::allocate(*world.b, kTiny));
  const uint64_t looks = of_b(Counter::free_slow_calls);
  for (int i = 0; i < 100; ++i)
    CacheWorld::free(*world.b, kTiny, CacheWorld::allocate(*world.b, kTiny));
  EXPECT_EQ(of_b(Counter::free_slow_calls), looks);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, HybridKeepsBlocksOfAClassWhoseBlocksTravelMostly) {
  constexpr size_t kSweptLater = kTiny + 1;  // than the frees below take, so that one look does
  world.set("remote_policy=hybrid");
  free_remotely(60, kSweptLater);
  EXPECT_EQ(of_b(Counter::free_remote), 32U);
  expect_nothing_lost(kSweptLater);
}

TEST_F(ThreadCacheTest, ASweepStartsAnotherLookFromNothing) {
  world.set("remote_policy=hybrid");
  free_remotely(0);
  const std::vector<void*> foreign = CacheWorld::allocate(*world.a, kTiny, 40);
  const auto look = [&](size_t from, size_t count, size_t own) {
    for (size_t i = from; i < from + count; ++i) CacheWorld::free(*world.b, kTiny, foreign[i]);
    for (size_t i = 0; i < own; ++i)
      CacheWorld::free(*world.b, kTiny, CacheWorld::allocate(*world.b, kTiny));
  };
  look(0, 12, 5);
  const uint64_t looked = of_b(Counter::free_remote);
  world.set("remote_policy=direct");  // each change of the policy makes the next miss sweep
  others.push_back(world.b->cache.refill_and_pop(kOther + 1));
  world.set("remote_policy=hybrid");
  others.push_back(world.b->cache.refill_and_pop(kOther + 2));
  look(12, 12, 20);  // 12 of 32 travel: not most of them
  look(24, 12, 0);
  EXPECT_EQ(of_b(Counter::free_remote), looked + 24);
  CacheWorld::free(*world.b, kOther + 1, others[others.size() - 2]);
  CacheWorld::free(*world.b, kOther + 2, others.back());
  others.resize(others.size() - 2);
  for (size_t i = 36; i < foreign.size(); ++i) CacheWorld::free(*world.a, kTiny, foreign[i]);
  expect_nothing_lost(kTiny);
}

TEST_F(ThreadCacheTest, HybridGoesOnLookingWhileAFewBlocksTravel) {
  world.set("remote_policy=hybrid");
  free_remotely(0);
  std::vector<void*> foreign = CacheWorld::allocate(*world.a, kTiny, 50);
  for (void* block : foreign) {
    for (int i = 0; i < 3; ++i)
      CacheWorld::free(*world.b, kTiny, CacheWorld::allocate(*world.b, kTiny));
    CacheWorld::free(*world.b, kTiny, block);
  }
  EXPECT_EQ(of_b(Counter::free_remote), 50U);
  expect_nothing_lost(kTiny);
}

TEST_F(ThreadCacheTest, AnUnboundedDrainHandsOverItsLimitAndSetsTheRestAside) {
  world.set("remote_policy=owner_stash,remote_batch=10,stash_drain_limit=25");
  free_remotely(100);
  const std::vector<void*> again = CacheWorld::allocate(*world.a, kClass, 25);
  EXPECT_EQ(of_a(Counter::stash_drains_found), 1U);
  EXPECT_EQ(of_a(Counter::stash_drained_blocks), 25U);
  EXPECT_EQ(of_a(Counter::stash_drained_max), 25U);
  EXPECT_EQ(of_a(Counter::stash_detached_blocks), 100U);
  EXPECT_EQ(of_a(Counter::alloc_from_stash), 1U);
  EXPECT_EQ(of_a(Counter::alloc_from_aside), 0U);
  EXPECT_EQ(world.a->stashes[kClass].waiting(), 0U);
  blocks.insert(blocks.end(), again.begin(), again.end());
  blocks.push_back(CacheWorld::allocate(*world.a, kClass));
  EXPECT_EQ(of_a(Counter::alloc_from_aside), 1U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, ABoundedDrainDetachesItsLimitAndTheExtra) {
  world.set(
      "remote_policy=owner_stash,remote_batch=10,stash_drain_limit=25,"
      "stash_bounded_drain=1,stash_bounded_extra=7");
  free_remotely(100);
  blocks.push_back(CacheWorld::allocate(*world.a, kClass));
  EXPECT_EQ(of_a(Counter::stash_drained_blocks), 25U);
  EXPECT_EQ(of_a(Counter::stash_detached_blocks), 32U);
  EXPECT_EQ(of_a(Counter::stash_returned_batches), 1U);
  EXPECT_EQ(world.a->stashes[kClass].waiting(), 68U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, AFullStashSpills) {
  world.set("remote_policy=owner_stash,remote_batch=10,stash_limit=30");
  free_remotely(100);
  EXPECT_EQ(of_b(Counter::stash_push_batches), 3U);
  EXPECT_EQ(of_b(Counter::stash_spills), 7U);
  EXPECT_EQ(world.a->stashes[kClass].waiting(), 30U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, BlocksOfARetiredOwnerSpill) {
  world.set("remote_policy=owner_stash,remote_batch=10");
  free_remotely(0);
  CacheWorld::use_up(*world.a, kClass, blocks);
  blocks = CacheWorld::allocate(*world.a, kClass, 20);
  world.a->cache.empty();
  world.owners.retire(*world.a);
  for (void* block : blocks) CacheWorld::free(*world.b, kClass, block);
  EXPECT_EQ(of_b(Counter::stash_spills), 2U);
  blocks.clear();
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, BlocksOfASleepingOwnerSpill) {
  world.set("remote_policy=owner_stash,remote_batch=10");
  free_remotely(0);
  blocks = CacheWorld::allocate(*world.a, kClass, 20);
  world.a->emptied = true;  // as the background thread says
  for (void* block : blocks) CacheWorld::free(*world.b, kClass, block);
  EXPECT_EQ(of_b(Counter::stash_spills), 2U);
  EXPECT_EQ(world.a->stashes[kClass].waiting(), 0U);
  blocks.clear();
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, LargeClassesCountAsInbox) {
  world.set("remote_policy=owner_stash,remote_batch=1");
  free_remotely(2, kLast);
  blocks.push_back(CacheWorld::allocate(*world.a, kLast));
  EXPECT_EQ(of_a(Counter::alloc_from_inbox), 1U);
}

TEST_F(ThreadCacheTest, ARefillTakesItsBatch) {
  world.set("refill_batch=3");
  blocks.push_back(CacheWorld::allocate(*world.a, kClass));
  EXPECT_EQ(of_a(Counter::central_removed_blocks), 3U);
  EXPECT_EQ(of_a(Counter::alloc_from_page_heap), 1U);
  CacheWorld::use_up(*world.a, kClass, blocks);
  blocks.push_back(CacheWorld::allocate(*world.a, kClass));
  EXPECT_EQ(of_a(Counter::alloc_from_central), 1U);
  EXPECT_EQ(of_a(Counter::alloc_slow_calls), 2U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, CapacityGrowsWithinTheBudget) {
  world.set("cache_share=0");
  blocks = CacheWorld::allocate(*world.a, kClass, 2000);
  EXPECT_GT(of_a(Counter::capacity_grown), 0U);
  for (void* block : blocks) CacheWorld::free(*world.a, kClass, block);
  EXPECT_GT(of_a(Counter::spare_swaps), 0U);
  blocks.clear();
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, WhereMuchIsHeldAClassGrowsOnlyIfItMissesOften) {
  const auto miss = [&](size_t c) {
    std::vector<void*> got;
    CacheWorld::use_up(*world.a, c, got);
    got.push_back(CacheWorld::allocate(*world.a, c));
    for (void* block : got) {
      Slot slot{block};
      world.shared.central.insert(c, &slot, 1);
    }
  };
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 90; ++i) miss(kTiny);
    for (size_t c = class_of_size(4096); c < class_of_size(16384); ++c) miss(c);
  }
  const size_t least = 512 * 1024;
  EXPECT_GT(world.a->cache.weight(), least / 2);
  EXPECT_LE(world.a->cache.weight(), least);
  for (int i = 0; i < 40; ++i) miss(kLast);
  EXPECT_GT(world.a->cache.weight(), 2 * least);
}

TEST_F(ThreadCacheTest, CapacityStaysWithoutABudget) {
  world.set("cache_share=0,thread_cache_bytes=0");
  Owner* c = world.owners.attach(world.shared);
  blocks = CacheWorld::allocate(*c, kClass, 1000);
  EXPECT_EQ(CacheWorld::count(*c, Counter::capacity_grown), 0U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, AFullArrayLeavesWholeIfNoAllocationHasMissedSinceTheLast) {
  world.set("cache_share=0,thread_cache_bytes=0");
  world.a = world.owners.attach(world.shared);  // takes up what was set
  blocks = CacheWorld::allocate(*world.a, kClass, 100);
  CacheWorld::use_up(*world.a, kClass, blocks);
  ASSERT_EQ(world.a->cache.capacity(kClass), 2U);
  EXPECT_EQ(free_until_a_batch_leaves(kClass), 1U);
  EXPECT_EQ(free_until_a_batch_leaves(kClass), 2U);
  EXPECT_EQ(free_until_a_batch_leaves(kClass), 2U);
  CacheWorld::use_up(*world.a, kClass, blocks);
  blocks.push_back(CacheWorld::allocate(*world.a, kClass));  // misses
  EXPECT_EQ(free_until_a_batch_leaves(kClass), 1U);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, WhatLeavesAndIsMissedAtOnceStaysTheNextTimes) {
  const auto turn = [&](size_t count) {
    const uint64_t before = of_a(Counter::flush_blocks);
    allocate_and_free(kClass, count);
    return of_a(Counter::flush_blocks) - before;
  };
  uint64_t left = turn(600);
  EXPECT_GT(left, 0U);
  for (int i = 0; i < 3; ++i) left = turn(600);
  EXPECT_EQ(left, 0U);
  EXPECT_GE(turn(6000), 5000U);  // more than spares may hold
  EXPECT_GE(turn(6000), 5800U);  // nor do they hold what they could
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, ASweepTakesHalfOfTheSpares) {
  for (int i = 0; i < 20; ++i) allocate_and_free(kClass, 1000);
  const uint64_t most = most_in_one_call(Counter::flush_blocks);
  EXPECT_GE(most, 400U);
  EXPECT_LE(most, 600U);
  expect_nothing_lost(kTiny);
}

// Whoever takes a batch holds what is in it: sixteen that only allocate kept 50 MiB of such blocks.
TEST_F(ThreadCacheTest, OfLargeBlocksHalfLeavesWhenAThreadOnlyFrees) {
  const size_t c = class_of_size(16384);
  world.set("cache_share=0,thread_cache_bytes=1M");
  world.a = world.owners.attach(world.shared);  // takes up what was set
  blocks = CacheWorld::allocate(*world.a, c, 600);
  CacheWorld::use_up(*world.a, c, blocks);
  const auto full = [&] { return world.a->cache.capacity(c); };
  for (int i = 0; i < 8; ++i) free_until_a_batch_leaves(c);
  ASSERT_GT(full(), 16U);
  EXPECT_EQ(free_until_a_batch_leaves(c), (full() + 1) / 2);
  EXPECT_EQ(free_until_a_batch_leaves(c), (full() + 1) / 2);
  expect_nothing_lost(c);
}

TEST_F(ThreadCacheTest, ASweepVisitsOneClass) {
  for (size_t c = kOther; c < kOther + 40; ++c) allocate_and_free(c, 200);
  EXPECT_EQ(most_in_one_call(Counter::capacity_shrunk), 1U);
  expect_nothing_lost(kTiny);
}

TEST_F(ThreadCacheTest, CapacityShrinksInClassesThatNobodyUses) {
  allocate_and_free(kClass, 1000);
  const size_t before = world.a->cache.held_bytes();
  const std::vector<void*> tiny = CacheWorld::allocate(*world.a, kTiny, 60000);
  EXPECT_GT(of_a(Counter::capacity_shrunk), 0U);
  for (void* block : tiny) CacheWorld::free(*world.a, kTiny, block);
  world.a->cache.empty();
  EXPECT_LT(world.a->cache.held_bytes(), before);
  expect_nothing_lost();
}

// The share of a thread that sleeps is for those that work.
TEST_F(ThreadCacheTest, ThreadsAsleepTakeNoShareOfTheBudget) {
  for (int i = 0; i < 200; ++i) ASSERT_NE(world.owners.attach(world.shared), nullptr);
  const auto grown = [&] {
    for (int round = 0; round < 40; ++round) {
      for (const size_t c : {40U, 45U, 50U, 55U}) {
        const std::vector<void*> all = CacheWorld::allocate(*world.a, c, 130);
        for (void* block : all) CacheWorld::free(*world.a, c, block);
      }
    }
    return world.a->cache.weight();
  };
  const size_t least = 512 * 1024;
  EXPECT_LE(grown(), least);
  world.owners.set_awake(1);
  EXPECT_GT(grown(), 2 * least);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, StealTakesEveryBlock) {
  for (const size_t c : {kClass, class_of_size(40000)}) {
    const std::vector<void*> taken = CacheWorld::allocate(*world.a, c, 100);
    for (void* block : taken) CacheWorld::free(*world.a, c, block);
    const size_t held = world.a->cache.held_bytes();
    ASSERT_GT(held, kSizeClasses[c].size);
    EXPECT_TRUE(world.steal(*world.a));
    EXPECT_EQ(world.stolen, held);
    EXPECT_EQ(world.a->cache.held_bytes(), 0U);
    // The thread finds a floor, and refills.
    std::vector<void*> again = CacheWorld::allocate(*world.a, c, 200);
    std::sort(again.begin(), again.end());
    EXPECT_EQ(std::adjacent_find(again.begin(), again.end()), again.end()) << "handed out twice";
    for (void* block : again) CacheWorld::free(*world.a, c, block);
  }
  expect_nothing_lost();
}

// A pop lowers the top before it knows that there is nothing.
TEST_F(ThreadCacheTest, APopInsideOneThatIsFindingTheFloorFindsNothing) {
  for (const size_t c : {kClass, kClass + 1}) {  // the latter has no array yet
    if (c == kClass) {
      blocks = CacheWorld::allocate(*world.a, c, 200);
      CacheWorld::use_up(*world.a, c, blocks);
    }
    Slot*& top = world.a->cache.top[c];
    Slot* floor = top--;
    EXPECT_EQ(world.a->cache.pop(c), nullptr);
    EXPECT_EQ(world.a->cache.held_bytes(), 0U);
    EXPECT_TRUE(world.steal(*world.a));
    top = floor;
  }
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, AForkChildEndsThePopOfALostThread) {
  blocks = CacheWorld::allocate(*world.a, kClass, 200);
  for (int i = 0; i < 8; ++i) {  // past the frees that are watched
    CacheWorld::free(*world.a, kClass, blocks.back());
    blocks.pop_back();
  }
  CacheWorld::use_up(*world.a, kClass, blocks);
  --world.a->cache.top[kClass];
  world.owners.reset_after_fork(world.b);
  ASSERT_EQ(world.owners.attach(world.shared), world.a);
  CacheWorld::free(*world.a, kClass, blocks.back());
  blocks.pop_back();
  EXPECT_EQ(world.a->cache.held_bytes(), kSizeClasses[kClass].size);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, StealTakesEveryBlockOfOthers) {
  world.set("remote_policy=owner_stash,remote_batch=32");
  for (Owner* owner : {world.a, world.b}) {  // misses, at which both take up the settings
    CacheWorld::free(*owner, kClass + 1, CacheWorld::allocate(*owner, kClass + 1));
  }
  blocks = CacheWorld::allocate(*world.b, kClass, 3);
  for (void* block : blocks) CacheWorld::free(*world.a, kClass, block);
  blocks.clear();
  const auto held = [&] {
    size_t count = 0;
    world.a->cache.for_each_held([&](size_t c, const void*) { count += c == kClass ? 1 : 0; });
    return count;
  };
  ASSERT_EQ(of_a(Counter::free_remote), 3U);
  ASSERT_EQ(held(), 3U);
  EXPECT_TRUE(world.steal(*world.a));
  EXPECT_EQ(held(), 0U);
  expect_nothing_lost();
}

// One batch is left in the pool, and one class has two arrays: they have to be taken in turn.
TEST_F(ThreadCacheTest, StealEndsWhenMemoryIsShort) {
  world.set("remote_policy=owner_stash,remote_batch=32");
  CacheWorld::allocate(*world.a, kClass + 1);  // misses, at which both take up the settings
  CacheWorld::allocate(*world.b, kClass + 1);
  const size_t spans = 3;  // from the first of which A takes nothing
  const std::vector<void*> foreign =
      CacheWorld::allocate(*world.b, kClass, spans * kSizeClasses[kClass].block_count);
  blocks = CacheWorld::allocate(*world.a, kClass, 4);
  for (void* block : blocks) CacheWorld::free(*world.a, kClass, block);
  blocks.clear();
  for (size_t i = 0; i < 4; ++i) CacheWorld::free(*world.a, kClass, foreign[i]);
  ASSERT_EQ(of_a(Counter::free_remote), 4U);
  os::g_fake.commit.fail_from(1, true);
  Batch* last = nullptr;
  for (Batch* batch = nullptr; (batch = world.shared.batches.acquire(Shared::kNobody)) != nullptr;)
    last = batch;
  ASSERT_NE(last, nullptr);
  world.shared.batches.release(last, Shared::kNobody);
  const size_t held = world.a->cache.held_bytes();
  EXPECT_TRUE(world.steal(*world.a));
  EXPECT_LT(world.a->cache.held_bytes(), held);
  os::g_fake.commit.fails_at = 0;
}

TEST_F(ThreadCacheTest, StealNeedsTheKernelsBarrier) {
  blocks = CacheWorld::allocate(*world.a, kClass, 10);
  os::g_fake.has_barrier = false;
  EXPECT_FALSE(world.steal(*world.a));
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, SeemsIdleAfterASilence) {
  blocks = CacheWorld::allocate(*world.a, kClass, 3);
  EXPECT_FALSE(world.a->cache.seems_idle());
  EXPECT_TRUE(world.a->cache.seems_idle());
  blocks.push_back(CacheWorld::allocate(*world.a, kClass));
  EXPECT_FALSE(world.a->cache.seems_idle()) << "a hit moves the top";
}

TEST_F(ThreadCacheTest, EmptyLeavesNothingBehind) {
  for (const char* policy :
       {"remote_policy=direct", "remote_policy=owner_stash", "remote_policy=hybrid"}) {
    world.set(policy);
    free_remotely(300);
    expect_nothing_lost();
    EXPECT_EQ(world.a->cache.held_bytes(), 0U);
    EXPECT_EQ(world.a->cache.top[kClass][-1].load(), nullptr);
    blocks.clear();
  }
}

TEST_F(ThreadCacheTest, WithoutMemoryItSaysSoAndGoesOnLater) {
  os::g_fake.commit.fail_from(1, true);
  while (void* block = CacheWorld::allocate(*world.a, kClass)) {
    blocks.push_back(block);
    ASSERT_LT(blocks.size(), 100000U);
  }
  os::g_fake.commit.fails_at = 0;
  blocks.push_back(CacheWorld::allocate(*world.a, kClass));
  EXPECT_NE(blocks.back(), nullptr);
  expect_nothing_lost();
}

TEST_F(ThreadCacheTest, ThePolicyChangesWhileItRuns) {
  free_remotely(50);
  world.set("remote_policy=owner_stash");
  expect_nothing_lost();
  blocks.clear();
  free_remotely(500);
  EXPECT_GT(of_b(Counter::free_remote), 0U);
  expect_nothing_lost();
}

}  // namespace
