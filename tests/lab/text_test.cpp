#include "lab/text.h"

#include <gtest/gtest.h>

namespace tamari::lab {
namespace {

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

TEST(ShellQuote, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(shell_quote("a=b,c:/d"), "a=b,c:/d");
  EXPECT_EQ(shell_quote("a b"), "'a b'");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quote(""), "''");
}

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(Nearest, IsNothingWhenNothingIsClose) {
  EXPECT_EQ(nearest("mian", {"guard", "main"}), "main");
  EXPECT_FALSE(nearest("zzzzzz", {"guard", "main"}).has_value());
}

TEST(FormatOrDash, NeverShowsAnUnknownValueAsZero) {
  EXPECT_EQ(format_or_dash(std::nullopt, 1), "-");
  EXPECT_EQ(format_or_dash(2048.0, 1, 1024), "2.0");
}

TEST(EscapeHtml, EscapesMarkup) {
  EXPECT_EQ(escape_html("<a&\"b\">"), "&lt;a&amp;&quot;b&quot;&gt;");
}

}  // namespace
}  // namespace tamari::lab
