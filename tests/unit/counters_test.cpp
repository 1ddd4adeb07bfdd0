#include "config/counters.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using namespace tamari;

uint64_t value(const Counters& counters, Counter name) {
  return counters.get(static_cast<size_t>(name));
}

TEST(Counters, AddAndRaise) {
  Counters counters;
  counters.add(Counter::alloc_large);
  counters.add(Counter::alloc_large, 4);
  counters.add_shared(Counter::alloc_large, 2);
  EXPECT_EQ(value(counters, Counter::alloc_large), 7U);
  counters.raise(Counter::stash_drained_max, 9);
  counters.raise(Counter::stash_drained_max, 5);
  EXPECT_EQ(value(counters, Counter::stash_drained_max), 9U);
}

TEST(Counters, BatchLengthsFindTheirRow) {
  const Counter rows[] = {Counter::batch_blocks_1,     Counter::batch_blocks_2_3,
                          Counter::batch_blocks_4_7,   Counter::batch_blocks_8_15,
                          Counter::batch_blocks_16_31, Counter::batch_blocks_32_62};
  for (size_t blocks = 1; blocks <= 62; ++blocks) {
    size_t row = 0;
    while ((size_t{2} << row) <= blocks) ++row;
    EXPECT_EQ(batch_length_counter(blocks), rows[row]) << blocks;
  }
}

TEST(Counters, RowsHaveNamesOfTheirOwnAndATextEach) {
  std::set<std::string> names;
  for (const CounterRow& row : kCounterRows) names.insert(row.name);
  for (const CounterRow& row : kGaugeRows) names.insert(row.name);
  EXPECT_EQ(names.size(), kCounterCount + kGaugeCount);
  for (const CounterRow& row : kCounterRows) EXPECT_GT(std::string(row.text).size(), 5U);
}

}  // namespace
