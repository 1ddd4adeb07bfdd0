#include "lab/document.h"

#include <gtest/gtest.h>

namespace tamari::lab {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Document example() {
  DocumentTable table;
  table.heading = {"row", "time"};
  table.rows = {{"a|b", {"2.00x", Tone::kBad}}, {"<c>", "1.00x"}};
  Document document;
  document.title = "A title";
  document.origin = {"some machine"};
  document.sections = {{"A section", {"Words & words."}, "<svg></svg>", {table}, false}};
  return document;
}

TEST(Document, OnATerminalIsPlainUnlessColourIsWanted) {
  const std::string text = terminal_text(example(), false);
  EXPECT_TRUE(contains(text, "A section\nWords & words.\nrow"));
  EXPECT_TRUE(contains(text, "a|b  2.00x"));
  EXPECT_FALSE(contains(text, "svg"));
  EXPECT_FALSE(contains(text, "\033"));
}

TEST(Document, AsMarkdownEscapesWhatWouldBreakATable) {
  const std::string text = markdown_text(example());
  EXPECT_TRUE(contains(text, "| row | time |\n| --- | --: |\n"));
  EXPECT_TRUE(contains(text, "| a\\|b | **2.00x** |\n"));
  EXPECT_TRUE(contains(text, "&lt;c&gt;"));
}

TEST(Document, AsAPageIsSelfContained) {
  const std::string page = page_text(example());
  EXPECT_TRUE(contains(page, "<svg></svg>"));
  EXPECT_TRUE(contains(page, "Words &amp; words."));
  EXPECT_TRUE(contains(page, "<b class=\"bad\">2.00x</b>"));
  EXPECT_TRUE(contains(page, "prefers-color-scheme: dark"));
  EXPECT_FALSE(contains(page, "http"));
  EXPECT_FALSE(contains(page, "<script"));
}

}  // namespace
}  // namespace tamari::lab
