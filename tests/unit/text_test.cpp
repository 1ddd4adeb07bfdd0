#include "platform/text.h"

#include <gtest/gtest.h>

namespace {

using tamari::Text;

TEST(Text, JoinsWordsAndNumbers) {
  char buffer[64];
  Text text(buffer, sizeof buffer);
  text.add("a").number(0).add(" ").number(UINT64_MAX).add(" ").number(255, 16).add("xyz", 2);
  EXPECT_STREQ(text.c_str(), "a0 18446744073709551615 ffxy");
  EXPECT_EQ(text.length(), 28U);
  EXPECT_EQ(text.stored(), 28U);
}

TEST(Text, WritesPointers) {
  char buffer[32];
  Text text(buffer, sizeof buffer);
  text.pointer(reinterpret_cast<void*>(0xabc0));
  EXPECT_STREQ(text.c_str(), "0xabc0");
}

TEST(Text, CutsWhatDoesNotFitAndCountsItAll) {
  char buffer[] = "########";
  Text text(buffer, 5);
  text.add("123456").number(78);
  EXPECT_STREQ(text.c_str(), "1234");
  EXPECT_EQ(text.length(), 8U);
  EXPECT_EQ(text.stored(), 4U);
  EXPECT_EQ(buffer[5], '#');
}

TEST(Text, WritesNothingIntoNoRoom) {
  char buffer[] = "#";
  Text(buffer, 0).add("abc");
  EXPECT_EQ(buffer[0], '#');
}

}  // namespace
