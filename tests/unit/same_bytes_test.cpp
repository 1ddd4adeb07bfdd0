#include "heap/same_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace {

using tamari::all_are;
using tamari::fill;

constexpr uint64_t kWord = 0x3535353535353535;
constexpr char kByte = 0x35;
constexpr size_t kMost = 2 * tamari::kCallBytes;

TEST(SameBytes, SeesEachByteAndNoOther) {
  for (size_t bytes = sizeof kWord; bytes <= kMost; ++bytes) {
    std::vector<char> memory(bytes + 2, kByte);
    memory.front() = memory.back() = 0;
    EXPECT_TRUE(all_are(&memory[1], bytes, kWord)) << bytes;
    for (size_t wrong = 1; wrong <= bytes; ++wrong) {
      memory[wrong] = kByte ^ 1;
      EXPECT_FALSE(all_are(&memory[1], bytes, kWord)) << wrong << " of " << bytes;
      memory[wrong] = kByte;
    }
  }
}

TEST(SameBytes, FillsEachByteAndNoOther) {
  for (size_t bytes = sizeof kWord; bytes <= kMost; ++bytes) {
    std::vector<char> memory(bytes + 2, 1);
    fill(&memory[1], bytes, kWord);
    EXPECT_EQ(std::count(memory.begin(), memory.end(), kByte), static_cast<ptrdiff_t>(bytes));
    EXPECT_EQ(memory.front() + memory.back(), 2) << bytes;
  }
}

}  // namespace
