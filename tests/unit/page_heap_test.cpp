#include "pages/page_heap.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "world.h"

namespace {

using namespace tamari;
using os::g_fake;

struct PageHeapTest : testing::Test {
  PageHeapTest() {
    g_fake.most_reserved = World::kSmallWindow;
    EXPECT_TRUE(arena.init({2052, 512, 8, 4096}, os::HugePages::kSystem, 0));
  }
  ~PageHeapTest() override { os::reset_fake(); }

  FreshMap map;
  Growth growth;
  Arena arena{map.get(), growth};
  PageHeap heap{arena};
};

// Random operations against the runs that should be in use.
struct Shadow {
  explicit Shadow(PageHeapTest& test) : heap(test.heap), arena(test.arena) {}

  void allocate(size_t pages, size_t alignment) {
    const PageHeap::Run run = heap.allocate(pages, alignment);
    if (!run.found) return;
    ASSERT_EQ(reinterpret_cast<uintptr_t>(arena.address_of(run.first)) % (alignment << kPageShift),
              0U);
    ASSERT_NO_FATAL_FAILURE(expect_apart(run.first, pages));
    for (size_t page = run.first; page < run.first + pages; ++page) {
      char* start = arena.address_of(page);
      if (run.zero) {
        for (size_t i = 0; i < kPageBytes; i += 1021) ASSERT_EQ(start[i], 0) << "page " << page;
      }
      for (size_t i = 0; i < kPageBytes; i += 1021) start[i] = static_cast<char>(page | 1);
    }
    runs[run.first] = pages;
  }

  void expect_apart(size_t first, size_t pages) {
    const auto after = runs.lower_bound(first);
    ASSERT_TRUE(after == runs.end() || first + pages <= after->first);
    if (after != runs.begin()) {
      const auto before = std::prev(after);
      ASSERT_LE(before->first + before->second, first);
    }
  }

  void release(std::map<size_t, size_t>::iterator run) {
    heap.release(run->first, run->second);
    runs.erase(run);
  }

  void extend(std::map<size_t, size_t>::iterator run, size_t more) {
    const auto next = std::next(run);
    const bool free = next == runs.end() || run->first + run->second + more <= next->first;
    const bool done = heap.extend(run->first, run->second, run->second + more);
    if (done) {
      ASSERT_TRUE(free);
      run->second += more;
    } else {
      ASSERT_TRUE(!free || run->first + run->second + more > arena.window_pages());
    }
  }

  size_t pages() const {
    size_t sum = 0;
    for (const auto& [first, count] : runs) sum += count;
    return sum;
  }

  // Where the first hole of so many pages begins.
  size_t first_hole(size_t pages) const {
    size_t start = 0;
    for (const auto& [first, used] : runs) {
      if (first >= start + pages) break;
      start = first + used;
    }
    return start;
  }

  PageHeap& heap;
  Arena& arena;
  std::map<size_t, size_t> runs;
};

TEST_F(PageHeapTest, RandomOperationsKeepRunsApart) {
  std::mt19937 random(1);
  Shadow shadow(*this);
  for (int i = 0; i < 6000; ++i) {
    const auto any = [&] {
      return std::next(shadow.runs.begin(), static_cast<long>(random() % shadow.runs.size()));
    };
    switch (shadow.runs.empty() ? 0 : random() % 8) {
      case 0:
      case 1: {
        const size_t alignment = size_t{1} << random() % 7;
        const size_t pages = random() % 3 == 0 ? alignment : 1 + random() % 90;
        ASSERT_NO_FATAL_FAILURE(shadow.allocate(pages, alignment));
        break;
      }
      case 2:
        ASSERT_NO_FATAL_FAILURE(shadow.allocate(1, 1));
        break;
      case 3:
        ASSERT_NO_FATAL_FAILURE(shadow.extend(any(), 1 + random() % 8));
        break;
      case 4:
        if (random() % 8 == 0) heap.purge(random() % 2 == 0);
        break;
      default:
        shadow.release(any());
    }
    ASSERT_EQ(heap.pages_in_use(), shadow.pages());
  }
}

// What earlier searches found out does not hide a hole. (Runs of less than four pages are released,
// which are not tried first when they have been freed last.)
TEST_F(PageHeapTest, TakesTheFirstHoleThatIsLargeEnough) {
  std::mt19937 random(1);
  Shadow shadow(*this);
  std::vector<size_t> small;
  for (int i = 0; i < 20000; ++i) {
    if (random() % 512 == 0) heap.purge(random() % 2 == 0);
    if (!small.empty() && random() % 2 == 0) {
      std::swap(small[random() % small.size()], small.back());
      shadow.release(shadow.runs.find(small.back()));
      small.pop_back();
      continue;
    }
    const bool is_small = random() % 16 != 0;
    const size_t pages = is_small ? 2 + random() % 2 : 4 + random() % 8;
    const size_t hole = shadow.first_hole(pages);
    const PageHeap::Run run = heap.allocate(pages, 1);
    if (!run.found) break;  // the window is full
    ASSERT_EQ(run.first, hole);
    shadow.runs[run.first] = pages;
    if (is_small) small.push_back(run.first);
  }
  EXPECT_GT(heap.pages_in_use(), 2000U);
}

TEST_F(PageHeapTest, TakesAHoleThatBeginsBeforeTheLastSearchEnded) {
  const auto allocate = [&](size_t pages) { return heap.allocate(pages, 1).first; };
  ASSERT_EQ(allocate(62), 0U);
  ASSERT_EQ(allocate(2), 62U);
  ASSERT_EQ(allocate(2), 64U);  // in the next word of bits
  ASSERT_EQ(allocate(4), 66U);
  heap.release(62, 2);
  ASSERT_EQ(allocate(4), 70U);
  heap.release(64, 2);
  EXPECT_EQ(allocate(4), 62U);
}

TEST_F(PageHeapTest, JoinsNeighboursThatWereReleased) {
  size_t runs[8];
  for (size_t& first : runs) first = heap.allocate(1, 1).first;
  for (size_t i : {1, 3, 2, 0}) heap.release(runs[i], 1);
  EXPECT_EQ(heap.allocate(4, 4).first, runs[0]);
}

// Runs that grow in turn, each behind the one before: the window must not follow them.
TEST_F(PageHeapTest, WhatGrowsAtTheEndStaysWhereThereIsRoomBelow) {
  const size_t small = 5, large = 15;
  size_t last = heap.allocate(large, 1).first;
  for (int i = 0; i < 200; ++i) {
    PageHeap::Run run = heap.allocate(small, 1);
    ASSERT_TRUE(run.found);
    if (!heap.extend(run.first, small, large)) {
      const PageHeap::Run moved = heap.allocate(large, 1);
      ASSERT_TRUE(moved.found);
      heap.release(run.first, small);
      run = moved;
    }
    heap.release(last, large);
    last = run.first;
  }
  EXPECT_LE(arena.committed_pages(), 128U);
}

TEST_F(PageHeapTest, PurgesWhatHasLainForAWholeTick) {
  const size_t first = heap.allocate(100, 1).first;
  arena.address_of(first)[5] = 1;
  heap.release(first, 100);
  EXPECT_EQ(heap.dirty_pages(), 100U);
  EXPECT_EQ(heap.purge(false), 0U);
  const size_t again = heap.allocate(10, 1).first;
  heap.release(again, 10);
  EXPECT_EQ(heap.purge(false), 90 * kPageBytes) << "ten pages were used since";
  EXPECT_EQ(heap.purge(false), 10 * kPageBytes);
  EXPECT_EQ(heap.dirty_pages(), 0U);
  EXPECT_EQ(heap.purged_bytes(), 100 * kPageBytes);
  EXPECT_EQ(arena.address_of(first)[5], 0);
}

TEST_F(PageHeapTest, KeepsDirtyWhatTheKernelWillNotTake) {
  const size_t first = heap.allocate(3, 1).first;
  heap.release(first, 3);
  g_fake.purge.fail_from(1, true);
  EXPECT_EQ(heap.purge(true), 0U);
  EXPECT_EQ(heap.dirty_pages(), 3U);
  EXPECT_FALSE(heap.allocate(3, 1).zero);
}

TEST_F(PageHeapTest, MendsMovedPagesWhenItPurges) {
  const size_t first = heap.allocate(4, 4).first;
  heap.note_moved(first, 4);
  heap.release(first, 4);
  EXPECT_EQ(heap.purge(true), 4 * kPageBytes);
  EXPECT_EQ(g_fake.remap.calls, 1U);
  EXPECT_EQ(g_fake.purge.calls, 0U);
  heap.release(heap.allocate(4, 4).first, 4);
  heap.purge(true);
  EXPECT_EQ(g_fake.remap.calls, 1U) << "mended once";
}

TEST_F(PageHeapTest, RecordsOfUnusedPagesGoBackWithThem) {
  const PageHeap::Run kept = heap.allocate(64, 64);
  const PageHeap::Run freed = heap.allocate(64, 64);
  ASSERT_TRUE(kept.found && freed.found);
  for (const size_t page : {kept.first, freed.first, freed.first + 63})
    arena.span(page).page_count = 1;
  heap.release(freed.first, 32);
  heap.purge(true);
  EXPECT_EQ(arena.span(freed.first).page_count, 1U) << "half of the pages are in use";
  heap.release(freed.first + 32, 32);
  heap.purge(true);
  EXPECT_EQ(arena.span(freed.first).page_count, 0U);
  EXPECT_EQ(arena.span(freed.first + 63).page_count, 0U);
  EXPECT_EQ(arena.span(kept.first).page_count, 1U);
  EXPECT_EQ(heap.pages_in_use(), 64U);
  EXPECT_EQ(heap.allocate(64, 64).first, freed.first);
}

TEST_F(PageHeapTest, LooksForRoomBehindWhatSomebodyElseHasMapped) {
  const PageHeap::Run before = heap.allocate(1, 1);
  ASSERT_TRUE(before.found);
  const size_t have = arena.committed_pages();
  ASSERT_EQ(os::commit(arena.address_of(have + 10), kPageBytes, os::Below::kNotOurs),
            os::Commit::kDone);
  const PageHeap::Run behind = heap.allocate(have + 64, 1);
  ASSERT_TRUE(behind.found);
  EXPECT_GT(behind.first, have + 10);
  arena.address_of(behind.first + have + 63)[0] = 1;
}

TEST_F(PageHeapTest, FailingCommitsLoseNothing) {
  g_fake.commit.fail_from(1, true);
  EXPECT_FALSE(heap.allocate(10, 1).found);
  EXPECT_EQ(heap.pages_in_use(), 0U);
  g_fake.commit.fails_at = 0;
  const PageHeap::Run run = heap.allocate(10, 1);
  ASSERT_TRUE(run.found);
  g_fake.commit.fail_from(1, true);
  EXPECT_FALSE(heap.extend(run.first, 10, arena.window_pages() - run.first));
  g_fake.commit.fails_at = 0;
  EXPECT_TRUE(heap.extend(run.first, 10, arena.window_pages() - run.first));
  EXPECT_FALSE(heap.allocate(1, 1).found) << "the window is full";
  EXPECT_FALSE(heap.allocate(SIZE_MAX / 2, 1).found);
}

}  // namespace
