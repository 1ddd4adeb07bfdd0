#include "central/central_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "world.h"

namespace {

using namespace tamari;

// Small blocks with their bits in a table, middling ones with bits in the span, few to a span.
class CentralListTest : public testing::TestWithParam<size_t> {
 protected:
  CentralListTest() { EXPECT_TRUE(world.start()); }

  CentralList& list() { return world.shared.central.begin()[GetParam() - 1]; }
  const SizeClass& size_class() { return kSizeClasses[GetParam()]; }

  std::vector<char*> remove(size_t wanted, uint32_t owner = 1) {
    Slot slots[kBatchCapacity];
    const size_t count =
        list().remove(slots, wanted, owner, CentralList::Spans::kThereOrNew).blocks;
    std::vector<char*> blocks;
    for (size_t i = count; i > 0; --i) blocks.push_back(static_cast<char*>(slots[i - 1].load()));
    return blocks;
  }
  std::vector<char*> remove_spans(size_t spans) {
    std::vector<char*> blocks;
    while (blocks.size() < spans * size_class().block_count) {
      for (char* block :
           remove(std::min<size_t>(62, spans * size_class().block_count - blocks.size())))
        blocks.push_back(block);
    }
    return blocks;
  }
  void* insert(const std::vector<char*>& blocks) {
    for (char* block : blocks) {
      const Slot slot{block};
      void* twice = list().insert(&slot, 1).twice;
      if (twice != nullptr) return twice;
    }
    return nullptr;
  }
  char* span_of(char* block) {
    const size_t bytes = size_class().span_pages * kPageBytes;
    return world.arena.address_of(0) +
           static_cast<size_t>(block - world.arena.address_of(0)) / bytes * bytes;
  }

  World world;
};

// The first refill of a span begins elsewhere (cache colouring).
TEST_P(CentralListTest, ARefillIsUsedInTheOrderOfItsAddresses) {
  remove(kBatchCapacity);
  const std::vector<char*> blocks = remove(kBatchCapacity);
  EXPECT_TRUE(std::is_sorted(blocks.begin(), blocks.end()));
  EXPECT_EQ(blocks.size(), std::min<size_t>(kBatchCapacity, size_class().block_count));
}

TEST_P(CentralListTest, ASpansFreeRunsAreTheBlocksNotHandedOut) {
  std::vector<char*> blocks = remove_spans(1);
  char* span = span_of(blocks.front());
  std::vector<char*> back;
  for (size_t i = 0; i < blocks.size(); i += 1 + i % 3) back.push_back(blocks[i]);
  back.resize(std::min(back.size(), blocks.size() - 1));  // a wholly free span may go
  ASSERT_EQ(insert(back), nullptr);
  std::set<char*> resting;
  list().for_each_free_run(world.map.get().page_of(span), [&](size_t first, size_t count) {
    ASSERT_GT(count, 0U);
    for (size_t i = first; i < first + count; ++i)
      EXPECT_TRUE(resting.insert(span + i * size_class().size).second);
  });
  EXPECT_EQ(resting, std::set<char*>(back.begin(), back.end()));
}

// The lines that blocks of `bytes` lie in.
std::set<uintptr_t> lines_of(const std::vector<char*>& blocks, size_t bytes) {
  std::set<uintptr_t> lines;
  for (char* block : blocks) {
    const auto at = reinterpret_cast<uintptr_t>(block);
    for (uintptr_t line = at / kLineBytes; line <= (at + bytes - 1) / kLineBytes; ++line)
      lines.insert(line);
  }
  return lines;
}

// In order, the other way round, with neighbours exchanged, and with gaps: over the ends of words
// and of spans.
TEST_P(CentralListTest, ABatchInAnyOrderGoesBackAsItsBlocksWould) {
  std::vector<char*> all = remove_spans(3);
  std::sort(all.begin(), all.end());
  std::vector<char*> upwards;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool stays = span_of(all[i]) == all[i] || i % 97 == 96;
    if (!stays) upwards.push_back(all[i]);
  }
  const std::vector<char*> downwards(upwards.rbegin(), upwards.rend());
  std::vector<char*> exchanged = upwards, gaps;
  for (size_t i = 1; i < exchanged.size(); i += 2) std::swap(exchanged[i - 1], exchanged[i]);
  for (size_t i = 0; i < upwards.size(); i += 1 + i % 2) gaps.push_back(upwards[i]);
  for (const std::vector<char*>& blocks : {upwards, downwards, exchanged, gaps}) {
    std::set<char*> back;
    for (size_t i = 0; i < blocks.size();) {
      Slot batch[kBatchCapacity];
      size_t count = 0;
      for (; count < kBatchCapacity && i < blocks.size(); ++i) {
        batch[count++].store(blocks[i]);
        back.insert(blocks[i]);
      }
      ASSERT_EQ(list().insert(batch, count).blocks, count);
    }
    std::set<char*> resting;
    for (char* block : all) {
      if (list().holds(block)) resting.insert(block);
    }
    EXPECT_EQ(resting, back);
    EXPECT_EQ(list().free_blocks(), back.size());
    for (size_t left = back.size(); left > 0;) left -= remove(std::min<size_t>(left, 62)).size();
  }
}

TEST_P(CentralListTest, ASecondFreeIsFoundBesideNeighbours) {
  std::vector<char*> blocks = remove_spans(1);
  if (blocks.size() < 8) GTEST_SKIP() << "too few blocks in a span";
  const Slot twice[] = {blocks[1], blocks[2], blocks[3], blocks[2]};
  CentralList::Inserted inserted = list().insert(twice, 4);
  EXPECT_EQ(inserted.blocks, 3U);
  EXPECT_EQ(inserted.twice, blocks[2]);
  const Slot again[] = {blocks[5], blocks[4], blocks[3]};
  inserted = list().insert(again, 3);
  EXPECT_EQ(inserted.blocks, 2U);
  EXPECT_EQ(inserted.twice, blocks[3]);
}

TEST_P(CentralListTest, TheOwnerOfABlockIsWhoTookIt) {
  std::vector<char*> first = remove(5, 1);
  EXPECT_TRUE(std::ranges::all_of(first, [&](char* b) { return list().owner_of(b) == 1; }));
  if (size_class().size >= kLineBytes) return;
  const std::vector<char*> second = remove(9, 2), third = remove(3, 1);
  EXPECT_TRUE(std::ranges::all_of(second, [&](char* b) { return list().owner_of(b) == 2; }));
  first.insert(first.end(), third.begin(), third.end());
  EXPECT_TRUE(std::ranges::all_of(first, [&](char* b) { return list().owner_of(b) == 1; }));
  std::vector<uintptr_t> shared;
  std::ranges::set_intersection(lines_of(first, size_class().size),
                                lines_of(second, size_class().size), std::back_inserter(shared));
  EXPECT_TRUE(shared.empty());
}

TEST_P(CentralListTest, ALineWithoutAWholeOneLeftIsSharedRatherThanLost) {
  const std::vector<char*> blocks = remove_spans(1);
  std::vector<char*> back;
  for (size_t i = 0; i < blocks.size(); i += 2) back.push_back(blocks[i]);
  back.resize(std::min(back.size(), blocks.size() - 1));
  ASSERT_EQ(insert(back), nullptr);
  std::set<char*> again;
  while (again.size() < back.size()) {
    for (char* block : remove(std::min<size_t>(62, back.size() - again.size()), 2)) {
      EXPECT_TRUE(again.insert(block).second);
      EXPECT_EQ(list().owner_of(block), 2U);
    }
  }
  EXPECT_EQ(again, std::set<char*>(back.begin(), back.end()));
}

TEST_P(CentralListTest, RandomBatchesHandEachBlockOutOnce) {
  std::mt19937 random(1);
  std::set<char*> out;
  for (int i = 0; i < 3000; ++i) {
    if (random() % 2 == 0 && out.size() < 2000) {
      for (char* block : remove(1 + random() % 62)) {
        ASSERT_TRUE(out.insert(block).second) << "handed out twice";
        ASSERT_TRUE(world.map.get().is_block_start(world.map.get().offset_of(block), GetParam()));
      }
    } else {
      std::vector<char*> back;
      for (size_t n = random() % 62; n > 0 && !out.empty(); --n) {
        auto chosen = out.lower_bound(*out.begin() + random() % (*out.rbegin() - *out.begin() + 1));
        back.push_back(*chosen);
        out.erase(chosen);
      }
      ASSERT_EQ(insert(back), nullptr);
    }
    const uint64_t spans = list().spans_created() - list().spans_released();
    ASSERT_EQ(list().free_blocks() + out.size(), spans * size_class().block_count);
  }
}

TEST_P(CentralListTest, TakesFromTheFullestSpanFirst) {
  const std::vector<char*> blocks = remove_spans(2);
  const size_t count = size_class().block_count;
  if (count < 8) return;  // two blocks a span are as free as each other: nothing to prefer
  std::vector<char*> of_first, of_second;
  for (char* block : blocks)
    (span_of(block) == span_of(blocks[0]) ? of_first : of_second).push_back(block);
  ASSERT_EQ(insert({of_first.begin(), of_first.begin() + static_cast<long>(count - 2)}), nullptr);
  ASSERT_EQ(insert({of_second[0]}), nullptr);
  EXPECT_EQ(remove(1), std::vector<char*>{of_second[0]});
}

TEST_P(CentralListTest, ReportsABlockThatRestsThereAlready) {
  const std::vector<char*> blocks = remove(2);
  EXPECT_EQ(insert({blocks[0]}), nullptr);
  EXPECT_EQ(insert({blocks[0]}), blocks[0]);
  EXPECT_EQ(insert({blocks[1]}), nullptr);
}

TEST_P(CentralListTest, ReportsABlockOfASpanThatIsGone) {
  const std::vector<char*> blocks = remove_spans(3);
  ASSERT_EQ(insert(blocks), nullptr);
  EXPECT_EQ(insert({blocks[0]}), blocks[0]);
}

TEST_P(CentralListTest, GivesWholeSpansBack) {
  ASSERT_EQ(insert(remove_spans(4)), nullptr);
  EXPECT_EQ(list().spans_released(), 4U);
  EXPECT_EQ(world.shared.pages.pages_in_use(), 0U);
  EXPECT_EQ(list().free_blocks(), 0U);
}

TEST_P(CentralListTest, NamesTheOwnerThatTookLast) {
  const char* first = remove(1, 7)[0];
  EXPECT_EQ(list().owner_of(first), 7U);
  EXPECT_EQ(list().spans_adopted(), 0U);
  EXPECT_EQ(list().owner_of(remove(1, 8)[0]), 8U);
  const bool by_lines = size_class().size < kLineBytes;
  EXPECT_EQ(list().owner_of(first), by_lines ? 7U : 8U);
  EXPECT_EQ(list().spans_adopted(), by_lines ? 0U : 1U);
}

TEST_P(CentralListTest, IsEmptyWithoutMemory) {
  os::g_fake.commit.fail_from(1, true);
  EXPECT_TRUE(remove(5).empty());
  os::g_fake.commit.fails_at = 0;
  EXPECT_FALSE(remove(5).empty());
}

// A fork while another thread is inside: its lock is held, and the child rebuilds from the bits.
TEST_P(CentralListTest, RebuildsItselfAfterAFork) {
  std::vector<char*> blocks = remove_spans(3);
  const auto half = blocks.begin() + static_cast<long>(blocks.size() / 2);
  ASSERT_EQ(insert({blocks.begin(), half}), nullptr);
  // A refill that grows the heap holds the lock; the "fork" happens there.
  static CentralList* target = nullptr;
  static Span* taken = nullptr;  // all its blocks are, and it is about to leave its bucket
  static uint8_t bucket = 0;
  target = &list();
  bucket = static_cast<uint8_t>(8 / (size_class().block_count + 1));  // where one block is free
  taken = &world.arena.span(world.arena.map().page_of(span_of(blocks.back())));
  os::g_fake.on_commit = [] {
    os::g_fake.on_commit = nullptr;
    taken->bucket = bucket;
    taken->previous = taken->next = kNoPage;
    std::thread([] { target->reset_after_fork(Whose::kOthers); }).join();
  };
  std::set<char*> again(half, blocks.end());
  while (os::g_fake.on_commit != nullptr) {  // until this list itself is inside
    for (char* block : remove(62)) ASSERT_TRUE(again.insert(block).second);
  }
  const uint64_t spans = list().spans_created() - list().spans_released();
  EXPECT_EQ(list().free_blocks() + again.size(), spans * size_class().block_count);
  for (char* block : remove(62)) EXPECT_TRUE(again.insert(block).second);
  ASSERT_NE(span_of(*half), span_of(blocks.back()));
  ASSERT_EQ(insert({*half, blocks.back()}), nullptr);
  const uint64_t free = list().free_blocks();
  std::vector<Slot> rest(free);
  uint64_t found = 0;
  while (const size_t some =
             list()
                 .remove(rest.data(), std::min<uint64_t>(62, free), 1, CentralList::Spans::kThere)
                 .blocks)
    found += some;
  EXPECT_EQ(found, free);
}

// What a program uses most is the few blocks of each class that it took first.
TEST(CentralListTest, TheFirstBlocksOfAllClassesMeetInNoSetOfTheCache) {
  World world;
  ASSERT_TRUE(world.start());
  std::vector<size_t> lines(kLeastOsPage / kLineBytes);
  size_t total = 0;
  for (size_t c = 1; c < kClassCount && kSizeClasses[c].size <= 512; ++c) {
    Slot block[1];
    ASSERT_EQ(world.shared.central.remove(c, block, 1, 1).blocks, 1u);
    const size_t at = world.arena.map().offset_of(block[0].load()) % kLeastOsPage;
    EXPECT_EQ(at % kSizeClasses[c].size, 0u) << "in the span's first OS page";
    for (size_t byte = at; byte < at + kSizeClasses[c].size; byte += kLineBytes, ++total)
      ++lines[byte / kLineBytes % lines.size()];
  }
  constexpr size_t kWays = 8;  // of most first-level caches
  EXPECT_LE(*std::max_element(lines.begin(), lines.end()), kWays) << "of " << total << " lines";
}

// What is taken of a class for somebody who wants zeros.
CentralList::Removed remove_zeroed(World& world, size_t c, Slot* slots, size_t wanted) {
  return world.shared.central.remove(c, slots, wanted, 1, CentralList::Wish::kZeroed);
}

TEST(CentralListTest, ABlockThatNobodyHadIsKnownToBeZeroAndComesAlone) {
  World world;
  ASSERT_TRUE(world.start());
  const size_t c = class_of_size(20000);
  Slot first[4];
  CentralList::Removed removed = remove_zeroed(world, c, first, 4);
  EXPECT_TRUE(removed.zero);
  ASSERT_EQ(removed.blocks, 1U);
  Slot second[1];
  EXPECT_FALSE(world.shared.central.remove(c, second, 1, 1).zero) << "nobody asked";
  // The first came back, and lies before those that nobody had.
  ASSERT_EQ(world.shared.central.insert(c, first, 1), nullptr);
  Slot both[2];
  removed = remove_zeroed(world, c, both, 2);
  EXPECT_FALSE(removed.zero);
  ASSERT_EQ(removed.blocks, 2U);
  EXPECT_EQ(both[1].load(), first[0].load());
}

TEST(CentralListTest, OfAUsedRunNothingIsKnownToBeZero) {
  World world;
  ASSERT_TRUE(world.start());
  const size_t c = class_of_size(20000);
  const PageHeap::Run used = world.shared.pages.allocate(kSizeClasses[c].span_pages, 1);
  world.shared.pages.release(used.first, kSizeClasses[c].span_pages);
  Slot slots[2];
  const CentralList::Removed removed = remove_zeroed(world, c, slots, 2);
  EXPECT_FALSE(removed.zero);
  EXPECT_EQ(removed.blocks, 2U);
}

TEST(CentralListTest, OfBlocksBelowAPageNothingIsKnownToBeZero) {
  World world;
  ASSERT_TRUE(world.start());
  Slot slots[2];
  const CentralList::Removed removed = remove_zeroed(world, class_of_size(2000), slots, 2);
  EXPECT_FALSE(removed.zero);
  EXPECT_EQ(removed.blocks, 2U);
}

// Owner 0: two threads that have no record yet.
TEST(CentralListTest, BlocksOfNobodyShareNoLine) {
  World world;
  ASSERT_TRUE(world.start());
  for (size_t c = 1; kSizeClasses[c].size < kLineBytes; ++c) {
    Slot one[1];
    Slot other[1];
    ASSERT_EQ(world.shared.central.remove(c, one, 1, 0).blocks, 1u);
    ASSERT_EQ(world.shared.central.remove(c, other, 1, 0).blocks, 1u);
    const PageMap& map = world.arena.map();
    const size_t last = (map.offset_of(one[0].load()) + kSizeClasses[c].size - 1) / kLineBytes;
    EXPECT_LT(last, map.offset_of(other[0].load()) / kLineBytes);
  }
}

// Whoever takes little must not touch more OS pages for it.
TEST(CentralListTest, TheFirstOsPageIsUsedUpBeforeTheSecond) {
  World world;
  ASSERT_TRUE(world.start());
  for (size_t c = 1; kSizeClasses[c].size <= kLeastOsPage; ++c) {
    Slot blocks[62];
    const size_t in_page = std::min<size_t>(kLeastOsPage / kSizeClasses[c].size, 62);
    ASSERT_EQ(world.shared.central.remove(c, blocks, in_page, 1).blocks, in_page);
    for (size_t i = 0; i < in_page; ++i) {
      const size_t at = world.arena.map().offset_of(blocks[i].load()) % kPageBytes;
      EXPECT_LE(at + kSizeClasses[c].size, kLeastOsPage);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Classes, CentralListTest, testing::Values(1, 20, 45, kClassCount - 1),
                         [](const auto& c) { return "Class" + std::to_string(c.param); });

}  // namespace
