#include "heap/same_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace {

using tamari::all_are;
using tamari::all_of_block_are;
using tamari::fill;
using tamari::fill_block;

constexpr uint64_t kWord = 0x3535353535353535;
constexpr char kByte = 0x35;
constexpr size_t kMost = 2 * tamari::kCallBytes;

template <class Are>
void expect_sees_each_byte(size_t least, Are are) {
  for (size_t bytes = least; bytes <= kMost; ++bytes) {
    std::vector<char> memory(bytes + 2, kByte);
    memory.front() = memory.back() = 0;
    EXPECT_TRUE(are(&memory[1], bytes, kWord)) << bytes;
    for (size_t wrong = 1; wrong <= bytes; ++wrong) {
      memory[wrong] = kByte ^ 1;
      EXPECT_FALSE(are(&memory[1], bytes, kWord)) << wrong << " of " << bytes;
      memory[wrong] = kByte;
    }
  }
}

template <class Fill>
void expect_fills_each_byte(size_t least, Fill fill_all) {
  for (size_t bytes = least; bytes <= kMost; ++bytes) {
    std::vector<char> memory(bytes + 2, 1);
    fill_all(&memory[1], bytes, kWord);
    EXPECT_EQ(std::count(memory.begin(), memory.end(), kByte), static_cast<ptrdiff_t>(bytes));
    EXPECT_EQ(memory.front() + memory.back(), 2) << bytes;
  }
}

TEST(SameBytes, SeesEachByteAndNoOther) {
  expect_sees_each_byte(sizeof kWord, all_are);
  expect_sees_each_byte(tamari::kVectorBytes, all_of_block_are);
}

TEST(SameBytes, FillsEachByteAndNoOther) {
  expect_fills_each_byte(sizeof kWord, fill);
  expect_fills_each_byte(tamari::kVectorBytes, fill_block);
}

}  // namespace
