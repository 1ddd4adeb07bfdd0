#include "lab/files.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "lab/command_error.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

std::string content(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

TEST(Files, AreReplacedWholeAndLeaveNothingBeside) {
  const TemporaryFolder folder;
  const std::string file = folder.file("report");
  write_atomically(file, "first");
  std::ifstream reader(file);  // whoever has it open keeps the text it had
  write_atomically(file, "second");
  EXPECT_EQ(content(file), "second");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "first");
  EXPECT_FALSE(std::filesystem::exists(file + ".next"));
}

TEST(Files, AskedWhetherTheyCanBeWrittenAreNotLeftBehind) {
  const TemporaryFolder folder;
  require_writable(folder.file("report"));
  EXPECT_FALSE(std::filesystem::exists(folder.file("report")));
  EXPECT_THROW(require_writable(folder.file("no/folder/report")), CommandError);
  EXPECT_THROW(write_atomically(folder.file("no/folder/report"), "text"), CommandError);
}

TEST(Files, WithoutANameAreNotWanted) {
  require_writable("");
  write_atomically("", "text");
}

}  // namespace
}  // namespace tamari::lab
