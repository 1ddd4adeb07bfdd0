#include "central/batch.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "thread/stash.h"
#include "world.h"

namespace {

using namespace tamari;

struct BatchTest : testing::Test {
  BatchTest() { EXPECT_TRUE(world.start()); }
  Batch* batch(uint32_t count) {
    Batch* made = world.shared.batches.acquire(Shared::kNobody);
    made->count = count;
    return made;
  }
  World world;
};

TEST_F(BatchTest, ThePoolLendsEachBatchOnceAndReusesIt) {
  BatchPool& pool = world.shared.batches;
  std::set<Batch*> lent;
  for (int i = 0; i < 1000; ++i) {
    Batch* b = pool.acquire(Shared::kNobody);
    ASSERT_TRUE(lent.insert(b).second);
    ASSERT_NE(pool.index_of(b), 0U);
    ASSERT_EQ(pool.at(pool.index_of(b)), b);
    ASSERT_EQ(b->floor.load(), nullptr);
  }
  uint32_t user = 0;
  for (Batch* b : lent) pool.release(b, user++);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(lent.count(pool.acquire(Shared::kNobody)), 1U);
}

TEST_F(BatchTest, ThePoolEndsWithTheMemory) {
  BatchPool& pool = world.shared.batches;
  os::g_fake.commit.fail_from(1, true);
  size_t count = 0;
  while (pool.acquire(Shared::kNobody) != nullptr) ASSERT_LT(++count, 10000U);
  os::g_fake.commit.fails_at = 0;
  EXPECT_NE(pool.acquire(Shared::kNobody), nullptr);
}

TEST_F(BatchTest, ThePoolGivesBackWhatNobodyHasNeeded) {
  BatchPool& pool = world.shared.batches;
  constexpr size_t kPages = 100;
  const size_t in_page = os::page_size() / sizeof(Batch);
  std::vector<Batch*> lent;
  while (lent.size() + 1 < kPages * in_page) {  // index 0 is none
    lent.push_back(batch(1));
    lent.back()->slots[0].store(&lent);
  }
  Batch* kept = lent[in_page * 3];
  for (Batch* b : lent) {
    if (b != kept) pool.release(b, Shared::kNobody);
  }
  EXPECT_EQ(pool.trim(false), 0U) << "they were needed a moment ago";
  pool.release(pool.acquire(Shared::kNobody), Shared::kNobody);
  // All but the first page, which index 0 is in, and those of the two.
  EXPECT_EQ(pool.trim(false), (kPages - 3) * os::page_size());
  EXPECT_EQ(pool.trim(false), os::page_size()) << "nobody has needed that again";
  EXPECT_EQ(pool.trim(true), 0U);
  EXPECT_EQ(lent[in_page * 5]->slots[0].load(), nullptr) << "the memory was not given back";
  EXPECT_EQ(kept->slots[0].load(), &lent);

  std::set<Batch*> again;
  for (size_t i = 0; i + 1 < lent.size(); ++i)
    EXPECT_TRUE(again.insert(pool.acquire(Shared::kNobody)).second);
  EXPECT_EQ(again.count(kept), 0U);
  for (Batch* b : lent) EXPECT_EQ(again.count(b), b == kept ? 0U : 1U) << "a new one was made";
}

TEST_F(BatchTest, ThePoolKeepsWhatTheKernelDoesNotTakeBack) {
  BatchPool& pool = world.shared.batches;
  std::set<Batch*> lent;
  for (int i = 0; i < 100; ++i) lent.insert(pool.acquire(Shared::kNobody));
  for (Batch* b : lent) pool.release(b, Shared::kNobody);
  os::g_fake.purge.fail_from(1, true);
  EXPECT_EQ(pool.trim(true), 0U);
  os::g_fake.purge.fails_at = 0;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(lent.erase(pool.acquire(Shared::kNobody)), 1U);
}

TEST_F(BatchTest, TheTransferCacheIsBoundedByBytes) {
  TransferCache& cache = world.shared.transfer;
  TransferCache::Account account;
  constexpr size_t kClass = 8;
  const size_t bytes = kSizeClasses[kClass].size;
  Batch* first = batch(10);
  Batch* second = batch(10);
  EXPECT_TRUE(cache.insert(kClass, first, 15 * bytes, account));
  EXPECT_FALSE(cache.insert(kClass, second, 15 * bytes, account));
  EXPECT_TRUE(cache.insert(kClass, second, 20 * bytes, account));
  cache.settle(account);
  EXPECT_EQ(cache.bytes(), 20 * bytes);
  EXPECT_EQ(cache.remove(kClass + 1, account), nullptr);
  EXPECT_EQ(cache.remove(kClass, account), second);
  EXPECT_EQ(cache.remove(kClass, account), first);
  EXPECT_EQ(cache.remove(kClass, account), nullptr);
  cache.settle(account);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(BatchTest, TheTransferCacheGivesWhatIsOfTheOwnShardFirst) {
  TransferCache& cache = world.shared.transfer;
  TransferCache::Account of_one(1), of_two(2), of_three(3);
  Batch* from_one = batch(1);
  Batch* from_three = batch(1);
  ASSERT_TRUE(cache.insert(3, from_one, SIZE_MAX, of_one));
  ASSERT_TRUE(cache.insert(3, from_three, SIZE_MAX, of_three));
  EXPECT_EQ(cache.remove(3, of_two, TransferCache::From::kOwnShard), nullptr);
  EXPECT_EQ(cache.remove(3, of_three, TransferCache::From::kOwnShard), from_three);
  EXPECT_EQ(cache.remove(3, of_two), from_one) << "there is nothing else";
  EXPECT_EQ(cache.remove(3, of_two), nullptr);
  for (TransferCache::Account* account : {&of_one, &of_two, &of_three}) cache.settle(*account);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(BatchTest, TheTransferCacheKnowsWhatNobodyNeeded) {
  TransferCache& cache = world.shared.transfer;
  TransferCache::Account account;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(cache.insert(3, batch(1), SIZE_MAX, account));
  const auto unneeded = [&] {
    size_t count = 0;
    cache.drain(3, false, account, [&](Batch*) { ++count; });
    return count;
  };
  EXPECT_EQ(unneeded(), 0U) << "they have just come";
  Batch* a = cache.remove(3, account);
  Batch* b = cache.remove(3, account);
  ASSERT_TRUE(cache.insert(3, a, SIZE_MAX, account));
  ASSERT_TRUE(cache.insert(3, b, SIZE_MAX, account));
  EXPECT_EQ(unneeded(), 3U) << "two of five were needed";
  EXPECT_EQ(unneeded(), 2U);
}

TEST_F(BatchTest, AStashIsBoundedByBlocksButTakesBackARest) {
  Stash stash;
  EXPECT_TRUE(stash.looks_empty());
  EXPECT_TRUE(stash.push(world.shared.batches, batch(10), 15));
  Batch* more = batch(6);
  EXPECT_FALSE(stash.push(world.shared.batches, more, 15));
  stash.put(world.shared.batches, more);
  EXPECT_EQ(stash.waiting(), 16U);
  EXPECT_EQ(stash.pop(world.shared.batches), more);
  EXPECT_EQ(stash.waiting(), 10U);
  EXPECT_FALSE(stash.looks_empty());
  EXPECT_NE(stash.pop(world.shared.batches), nullptr);
  EXPECT_EQ(stash.pop(world.shared.batches), nullptr);
}

}  // namespace
