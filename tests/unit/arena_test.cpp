#include "pages/arena.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "world.h"

namespace {

using namespace tamari;
using os::g_fake;

struct ArenaTest : testing::Test {
  ~ArenaTest() override { os::reset_fake(); }
  bool init() { return arena.init({2052, 512, 8, 4096}, os::HugePages::kNever, 0); }
  FreshMap map;
  Growth growth;
  Arena arena{map.get(), growth};
};

TEST_F(ArenaTest, HalvesItsWishUntilTheKernelAgrees) {
  g_fake.most_reserved = size_t{3} << 30;
  ASSERT_TRUE(init());
  EXPECT_EQ(arena.window_pages() << kPageShift, size_t{1} << 31);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.address_of(0)) % (64 * kPageBytes), 0U);
}

bool is_mapped(const char* address) {
  unsigned char resident = 0;
  return os::look_resident(address, 1, &resident);
}

bool is_accessible(const char* address) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const bool read = write(ends[1], address, 1) == 1;
  close(ends[0]);
  close(ends[1]);
  return read;
}

TEST_F(ArenaTest, EachTableLiesBetweenGuards) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(arena.init({2052, 512, 8, 4096}, os::HugePages::kNever, SIZE_MAX));
  ASSERT_TRUE(arena.grow(arena.window_pages()));
  for (Table* table : {&arena.line_owners(), &arena.batches(), &arena.batch_groups(),
                       &arena.owners(), &arena.forgotten_owners()})
    ASSERT_TRUE(table->commit(table->capacity()));
  size_t tables = 0;
  arena.for_each_record_range([&](const void* start, size_t bytes) {
    if (start == &map.get()) return;
    const char* first = static_cast<const char*>(start);
    EXPECT_TRUE(is_accessible(first));
    EXPECT_TRUE(is_accessible(first + bytes - 1));
    EXPECT_FALSE(is_accessible(first - 1)) << "below table " << tables;
    EXPECT_FALSE(is_accessible(first + bytes)) << "above table " << tables;
    ++tables;
  });
  EXPECT_EQ(tables, 10U);
}

// The kernel of the fake os gives the same place again: what differs, the arena has chosen.
TEST_F(ArenaTest, ChoosesItsPlaces) {
  std::set<const void*> windows, tables;
  constexpr size_t kTries = 8;
  for (size_t i = 0; i < kTries; ++i) {
    FreshMap fresh_map;
    Growth fresh_growth;
    Arena fresh{fresh_map.get(), fresh_growth};
    g_fake.most_reserved = size_t{8} << 30;
    g_fake.info.random = i << 32 | i;
    ASSERT_TRUE(fresh.init({2052, 512, 8, 4096}, os::HugePages::kNever, 0));
    windows.insert(fresh.address_of(0));
    tables.insert(fresh.owners().base());
    os::reset_fake();
  }
  EXPECT_EQ(windows.size(), kTries);
  EXPECT_EQ(tables.size(), kTries);
}

TEST_F(ArenaTest, FailsWithoutAnyAddressSpace) {
  g_fake.most_reserved = 1 << 20;
  EXPECT_FALSE(init());
  os::reset_fake();
  g_fake.reserve.fail_from(1, true);
  EXPECT_FALSE(init());
}

TEST_F(ArenaTest, GrowsInStepsAndKeepsWhatItHas) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(init());
  ASSERT_TRUE(arena.grow(1));
  const size_t first = arena.committed_pages();
  EXPECT_GT(first, 1U) << "a step is more than one page";
  const size_t commits = g_fake.commit.calls;
  EXPECT_TRUE(arena.grow(first));
  EXPECT_EQ(g_fake.commit.calls, commits);
  arena.address_of(first - 1)[kPageBytes - 1] = 1;
  EXPECT_TRUE(arena.grow(first + 1));
  EXPECT_EQ(arena.address_of(first - 1)[kPageBytes - 1], 1);
  EXPECT_FALSE(arena.grow(arena.window_pages() + 1));
  EXPECT_TRUE(arena.grow(arena.window_pages()));
  EXPECT_TRUE(map.get().covers(arena.window_pages() - 1));
}

TEST_F(ArenaTest, MapsNoMoreThanItNeedsWhereEveryBlockHasARecord) {
  FreshMap fresh_map;
  Growth fresh_growth;
  Arena fresh{fresh_map.get(), fresh_growth};
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(fresh.init({2052, 512, 8, 4096}, os::HugePages::kNever, SIZE_MAX));
  ASSERT_TRUE(fresh.grow(1));
  EXPECT_EQ(fresh.committed_pages(), 1U);
  ASSERT_TRUE(fresh.grow(7));
  EXPECT_EQ(fresh.committed_pages(), 7U);
  ASSERT_TRUE(fresh.grow(64));
  ASSERT_TRUE(fresh.grow(65));
  EXPECT_EQ(fresh.committed_pages(), 72U) << "but in steps of an eighth";
}

TEST_F(ArenaTest, SurvivesEveryFailingCommit) {
  for (size_t n = 1; n <= 5; ++n) {
    FreshMap fresh_map;
    Growth fresh_growth;
    Arena fresh{fresh_map.get(), fresh_growth};
    g_fake.most_reserved = World::kSmallWindow;
    ASSERT_TRUE(fresh.init({2052, 512, 8, 4096}, os::HugePages::kNever, 0));
    g_fake.commit.fail_from(n, true);
    fresh.grow(100);
    EXPECT_FALSE(fresh.grow(fresh.window_pages()));
    const size_t have = fresh.committed_pages();
    g_fake.commit.fails_at = 0;
    EXPECT_TRUE(fresh.grow(have + 100));
    fresh.address_of(have + 99)[0] = 1;
    fresh.span(have + 99).page_count = 1;
    fresh.page_owner(have + 99).store(1);
    fresh.free_bits(have + 99)[0] = 1;
    os::reset_fake();
  }
}

TEST_F(ArenaTest, PassesWhatSomebodyElseHasMapped) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(init());
  ASSERT_TRUE(arena.grow(1));
  const size_t have = arena.committed_pages();
  char* const theirs = arena.address_of(have + 70);
  ASSERT_EQ(os::commit(theirs, kPageBytes, os::Below::kNotOurs), os::Commit::kDone);
  theirs[0] = 7;
  EXPECT_FALSE(arena.grow(have + 100));
  EXPECT_GT(arena.committed_pages(), have + 70);
  const size_t behind = arena.committed_pages();
  ASSERT_TRUE(arena.grow(behind + 1));
  arena.address_of(have + 63)[0] = 1;
  arena.address_of(behind)[0] = 1;
  EXPECT_EQ(theirs[0], 7);
  EXPECT_EQ(arena.page_bits()[(have + 70) / 64].in_use >> (have + 70) % 64 & 1, 1U);
  EXPECT_EQ(arena.page_bits()[have / 64].in_use >> have % 64 & 1, 0U);
}

TEST_F(ArenaTest, PassesWhatSomebodyElseHasMappedWhereItBegins) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(init());
  char* const theirs = arena.address_of(0);
  ASSERT_EQ(os::commit(theirs, kPageBytes, os::Below::kNotOurs), os::Commit::kDone);
  theirs[0] = 7;
  EXPECT_FALSE(arena.grow(1));
  const size_t behind = arena.committed_pages();
  ASSERT_GT(behind, 0U);
  EXPECT_EQ(arena.page_bits()[0].in_use & 1, 1U);
  ASSERT_TRUE(arena.grow(behind + 1));
  arena.address_of(behind)[0] = 1;
  EXPECT_EQ(theirs[0], 7);
}

TEST_F(ArenaTest, WhatSomebodyElseHasMappedIsNotPassedWithoutMemory) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(init());
  ASSERT_EQ(os::commit(arena.address_of(0), kPageBytes, os::Below::kNotOurs), os::Commit::kDone);
  // The window three times: as far as it should grow, as little as asked for, and piece by piece.
  // Each of these is refused, by who is there; then a table is, by the kernel.
  g_fake.commit.fail_from(4, true);
  EXPECT_FALSE(arena.grow(1));
  EXPECT_EQ(arena.committed_pages(), 0U);
  g_fake.commit.fails_at = 0;
  EXPECT_FALSE(arena.grow(1));
  EXPECT_GT(arena.committed_pages(), 0U);
}

TEST_F(ArenaTest, ReservesNothing) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(init());
  ASSERT_TRUE(arena.grow(1));
  EXPECT_FALSE(is_mapped(arena.address_of(arena.committed_pages())));
  arena.for_each_record_range([&](const void* start, size_t bytes) {
    if (start == &map.get()) return;
    EXPECT_FALSE(is_mapped(static_cast<const char*>(start) + bytes));
  });
}

TEST_F(ArenaTest, WhatTellsOfFreePagesGoesBack) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(init());
  ASSERT_TRUE(arena.grow(192));
  for (size_t page = 0; page < 192; ++page) {
    arena.span(page).page_count = 1;
    arena.free_bits(page)[0] = 1;
  }
  arena.purge_span_records(64, 64);
  for (size_t page = 0; page < 192; ++page) {
    const bool is_kept = page / 64 != 1;
    EXPECT_EQ(arena.span(page).page_count, is_kept ? 1U : 0U) << page;
    EXPECT_EQ(arena.free_bits(page)[0], is_kept ? 1U : 0U) << page;
  }
}

// ThreadSanitizer allows mappings in a few address ranges only, and ends the process on any other.
#if !defined(__SANITIZE_THREAD__)
TEST_F(ArenaTest, FindsAPlaceUnderALimit) {
  g_fake.address_space_limit = size_t{400} << 20;
  ASSERT_TRUE(init());
  EXPECT_GE(arena.window_pages() << kPageShift, g_fake.address_space_limit);
  ASSERT_TRUE(arena.grow(10));
  arena.address_of(9)[0] = 1;
  g_fake.commit.fail_from(1, true);
  EXPECT_FALSE(arena.grow(1000));
  g_fake.commit.fails_at = 0;
  EXPECT_TRUE(arena.grow(1000));
  arena.address_of(999)[0] = 1;
}
#endif

TEST_F(ArenaTest, PassesTheHugePagePolicyOn) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(arena.init({2052, 512, 8, 4096}, os::HugePages::kAlways, 0));
  ASSERT_TRUE(arena.grow(1));
  EXPECT_EQ(g_fake.last_huge_pages, os::HugePages::kAlways);
}

TEST_F(ArenaTest, LivesWithLargeOsPages) {
  g_fake.info.page_size = 65536;
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(init());
  EXPECT_TRUE(arena.grow(100));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.owners().base()) % 4096, 0U);
}

TEST_F(ArenaTest, TablesEndAtTheirCapacity) {
  g_fake.most_reserved = World::kSmallWindow;
  ASSERT_TRUE(init());
  EXPECT_TRUE(arena.batches().commit(arena.batches().capacity()));
  EXPECT_FALSE(arena.batches().commit(arena.batches().capacity() + 1));
}

}  // namespace
