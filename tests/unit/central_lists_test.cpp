#include "central/central_lists.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "world.h"

namespace {

using namespace tamari;

constexpr size_t kLine = 2;  // a class below a cache line
constexpr size_t kOther = 20;

class CentralListsTest : public testing::Test {
 protected:
  CentralListsTest() {
    EXPECT_TRUE(world.start());
    lists().open(4);
  }

  CentralLists& lists() { return world.shared.central; }
  std::vector<Slot> remove(size_t c, size_t wanted, uint32_t owner) {
    std::vector<Slot> slots(wanted);
    const size_t got = lists().remove(c, slots.data(), wanted, owner).blocks;
    EXPECT_EQ(got, wanted);
    return slots;
  }
  size_t page_of(const Slot& slot) { return world.arena.map().page_of(slot.load()); }
  uint64_t free_of(size_t c) {
    uint64_t free = 0;
    for (const CentralList& list : lists())
      if (list.size_class() == c) free += list.free_blocks();
    return free;
  }
  uint64_t spans_of(size_t c) {
    uint64_t spans = 0;
    for (const CentralList& list : lists())
      if (list.size_class() == c) spans += list.spans_created() - list.spans_released();
    return spans;
  }

  // So many times, a thread finds somebody in the list that `page` is of, which is then used
  // `calls_between` times by nobody else. Whether that has split the class.
  bool meet(size_t page, int times, int calls_between) {
    CentralList& list = lists().of_span(kOther, page);
    const auto take_and_put_back = [&] {
      std::vector<Slot> slots = remove(kOther, 1, 1);
      EXPECT_EQ(lists().insert(kOther, slots.data(), 1), nullptr);
    };
    for (int i = 0; i < times && !list.is_crowded(); ++i) {
      std::thread other;
      list.while_held(page, [&] {
        std::atomic<bool> comes = false;
        other = std::thread([&] {
          comes = true;
          take_and_put_back();
        });
        while (!comes) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::microseconds(500));
      });
      other.join();
      for (int k = 0; k < calls_between; ++k) take_and_put_back();
    }
    return list.is_crowded();
  }

  // By the first owner, in batches of 32, of each of which some are put back.
  std::vector<std::vector<Slot>> fill_spans(size_t spans, size_t put_back) {
    std::vector<std::vector<Slot>> batches;
    for (size_t taken = 0; taken < spans * kSizeClasses[kLine].block_count; taken += 32)
      batches.push_back(remove(kLine, 32, 1));
    for (auto& batch : batches) EXPECT_EQ(lists().insert(kLine, batch.data(), put_back), nullptr);
    return batches;
  }

  World world;
};

TEST_F(CentralListsTest, OwnersTakeSmallBlocksFromSpansOfTheirOwn) {
  const auto a = remove(kLine, 4, 1), b = remove(kLine, 4, 2);
  EXPECT_NE(page_of(a[0]), page_of(b[0]));
  const auto c = remove(kOther, 4, 1), d = remove(kOther, 4, 2);
  EXPECT_EQ(page_of(c[0]), page_of(d[0])) << "nobody has met there";
}

TEST_F(CentralListsTest, OwnersTakeOtherBlocksFromSpansOfTheirOwnOnceThreadsHaveMet) {
  const size_t page = page_of(remove(kOther, 1, 1)[0]);
  EXPECT_TRUE(meet(page, 1000, 0));
  EXPECT_EQ(page_of(remove(kOther, 1, 1)[0]), page);
  const size_t own = page_of(remove(kOther, 1, 2)[0]);
  EXPECT_NE(own, page);
  EXPECT_NE(page_of(remove(kOther, 1, 3)[0]), own);
}

TEST_F(CentralListsTest, WhereThreadsMeetSeldomThereIsOneList) {
  const size_t page = page_of(remove(kOther, 1, 1)[0]);
  EXPECT_FALSE(meet(page, 40, 50));
  EXPECT_TRUE(meet(page, 1000, 0));
}

TEST_F(CentralListsTest, EachBlockOfAMixedBatchGoesBackToTheListOfItsSpan) {
  std::vector<Slot> a = remove(kLine, 4, 1), b = remove(kLine, 4, 2);
  std::vector<Slot> mixed(6);
  for (size_t i = 0; i < 3; ++i) {
    mixed[2 * i].store(a[i].load());
    mixed[2 * i + 1].store(b[i].load());
  }
  EXPECT_EQ(lists().insert(kLine, mixed.data(), mixed.size()), nullptr);
  for (const Slot& slot : mixed) EXPECT_TRUE(lists().holds(kLine, slot.load()));
  EXPECT_EQ(free_of(kLine), 2 * kSizeClasses[kLine].block_count - 2);
  EXPECT_EQ(lists().insert(kLine, &mixed[4], 2), mixed[4].load()) << "freed twice";
}

TEST_F(CentralListsTest, WhereMuchIsFreeNobodyMakesAnotherSpan) {
  const auto batches = fill_spans(4, 24);
  const uint64_t before = spans_of(kLine);
  const size_t page = page_of(remove(kLine, 32, 2)[0]);
  EXPECT_EQ(spans_of(kLine), before);
  EXPECT_EQ(free_of(kLine), batches.size() * 24 - 32);
  EXPECT_NE(&lists().of_span(kLine, page), &lists().of_span(kLine, page_of(batches[0][31])))
      << "it has adopted the span";
}

TEST_F(CentralListsTest, SpansOfWhichLittleIsFreeStayWithTheirList) {
  fill_spans(12, 8);
  const uint64_t before = spans_of(kLine);
  remove(kLine, 32, 2);
  EXPECT_EQ(spans_of(kLine), before + 1);
}

TEST_F(CentralListsTest, PagesThatLieFreeAreTakenBeforeSpansOfOthers) {
  fill_spans(4, 24);
  std::vector<Slot> whole = remove(kOther, 4, 1);
  const size_t page = page_of(whole[0]);
  EXPECT_EQ(lists().insert(kOther, whole.data(), 4), nullptr);
  EXPECT_EQ(page_of(remove(kLine, 32, 2)[0]), page);
}

TEST_F(CentralListsTest, NoSpanIsAdoptedOutOfAListInWhichSomebodyIs) {
  const size_t page = page_of(remove(kLine, 32, 1)[0]);
  CentralList& from = lists().of_span(kLine, page);
  CentralList& own = lists().of_span(kLine, page_of(remove(kLine, 32, 2)[0]));
  ASSERT_NE(&from, &own);
  bool looked = false;
  from.while_held(page, [&] {
    looked = true;
    EXPECT_FALSE(own.adopt_span(from));
  });
  EXPECT_TRUE(looked);
  EXPECT_TRUE(own.adopt_span(from));
  EXPECT_EQ(&lists().of_span(kLine, page), &own);
}

// Threads that grow and drop many blocks, half of which they give to each other: spans change their
// lists all the time.
class AdoptionTest : public CentralListsTest, public testing::WithParamInterface<size_t> {};
INSTANTIATE_TEST_SUITE_P(Classes, AdoptionTest, testing::Values(kLine, kOther));

TEST_P(AdoptionTest, SpansAreAdoptedWhileOthersPutBlocksBack) {
  const size_t size_class = GetParam();
  if (size_class == kOther) {
    std::vector<Slot> first = remove(kOther, 1, 1);
    EXPECT_TRUE(meet(page_of(first[0]), 1000, 0));
    EXPECT_EQ(lists().insert(kOther, first.data(), 1), nullptr);
  }
  constexpr size_t kThreads = 4, kRounds = 40, kBatches = 100, kBatch = 32;
  std::atomic<void*> given[kThreads] = {};  // a chain through the blocks
  std::atomic<uint64_t> taken_twice{0};
  const auto put_back = [&](void* block) {
    Slot slot{block};
    if (lists().insert(size_class, &slot, 1) != nullptr) ++taken_twice;
  };
  const auto put_back_given = [&](size_t thread) {
    for (void* block = given[thread].exchange(nullptr); block != nullptr;) {
      void* next = *static_cast<void**>(block);
      put_back(block);
      block = next;
    }
  };
  const auto work = [&](size_t thread) {
    const auto owner = static_cast<uint32_t>(thread + 1);
    std::vector<Slot> slots(kBatch);
    std::vector<void*> mine;
    for (size_t round = 0; round < kRounds; ++round) {
      for (size_t i = 0; i < kBatches; ++i) {
        const size_t got = lists().remove(size_class, slots.data(), kBatch, owner).blocks;
        for (size_t k = 0; k < got; ++k) mine.push_back(slots[k].load());
      }
      for (void* block : mine) *static_cast<size_t*>(block) = thread;
      for (size_t i = 0; i < mine.size(); ++i) {
        if (*static_cast<size_t*>(mine[i]) != thread) ++taken_twice;
        if (i % 2 == 0) {
          put_back(mine[i]);
        } else {
          auto& chain = given[(thread + round) % kThreads];
          void* next = chain.load();
          do {
            *static_cast<void**>(mine[i]) = next;
          } while (!chain.compare_exchange_weak(next, mine[i]));
        }
      }
      mine.clear();
      put_back_given(thread);
    }
  };
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) threads.emplace_back(work, t);
  for (std::thread& thread : threads) thread.join();
  for (size_t t = 0; t < kThreads; ++t) put_back_given(t);
  EXPECT_EQ(taken_twice, 0U);
  EXPECT_EQ(free_of(size_class), 0U);
  EXPECT_EQ(spans_of(size_class), 0U);
  EXPECT_EQ(world.shared.pages.pages_in_use(), 0U);
}

}  // namespace
