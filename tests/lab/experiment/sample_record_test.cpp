#include "lab/experiment/sample_record.h"

#include <gtest/gtest.h>

#include <limits>

#include "lab/command_error.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

SampleRecord full_record() {
  SampleRecord record;
  record.machine = "m1";
  record.stage = "screen";
  record.workload = "main";
  record.block = 3;
  record.group = 2;
  record.slot = 1;
  record.index = 42;
  record.arm = "wide";
  record.started = "2026-01-02T03:04:05.678Z";
  record.resumed = true;
  record.library = {"/lib/l.so", "aa", "bb"};
  record.program = {"/bin/p", "cc", "dd"};
  record.settings = {"a=1", "b=2K"};
  record.effective = {{"a", "1"}, {"b", "2048"}};
  record.owns_malloc = true;
  record.kernel = "Linux";
  record.cpu_model = "CPU";
  record.cpu_set = "0-3";
  record.load_average = "0.1 0.2";
  record.governor = "performance";
  record.huge_pages = "always [madvise] never";
  record.exit_status = 0;
  record.metrics = {{"wall_s", 0.1}, {"ops", 123456789.25}, {"major_faults", 0}};
  record.counters = {{"alloc_slow_calls", 1e15}};
  return record;
}

// Splits a table into its cells.
std::vector<std::vector<std::string>> cells(const std::string& table) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(table, '\n')) {
    if (!line.empty()) rows.push_back(split(line, '\t'));
  }
  return rows;
}

std::string cell(const std::string& table, std::size_t row, const std::string& column) {
  const auto rows = cells(table);
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    if (rows[0][i] == column) return rows[row + 1].at(i);
  }
  return "no such column";
}

TEST(SampleRecord, SurvivesItsLine) {
  const std::string line = to_json_line(full_record());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const SampleRecord read = record_from_json_line(line);
  EXPECT_EQ(to_json_line(read), line);
  EXPECT_EQ(read.metrics, full_record().metrics);
  EXPECT_EQ(read.counters, full_record().counters);
  EXPECT_EQ(read.effective, full_record().effective);
  EXPECT_EQ(read.settings, full_record().settings);
  EXPECT_EQ(read.library.build_id, "bb");
  EXPECT_EQ(read.index, 42u);
  EXPECT_TRUE(read.resumed);
  EXPECT_TRUE(read.owns_malloc);
  EXPECT_TRUE(read.good());
}

TEST(SampleRecord, WritesTheUnknownAsNull) {
  const std::string line = to_json_line(SampleRecord());
  for (const char* field : {"exit_status", "governor", "cpu_model", "failure", "sha256"}) {
    EXPECT_NE(line.find(std::string("\"") + field + "\":null"), std::string::npos) << field;
  }
  const SampleRecord read = record_from_json_line(line);
  EXPECT_FALSE(read.exit_status.has_value());
  EXPECT_TRUE(read.metrics.empty());
}

TEST(SampleRecord, LeavesOutANumberThatIsNone) {
  SampleRecord record = full_record();
  record.metrics["odd"] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(record_from_json_line(to_json_line(record)).metrics.count("odd"), 0u);
}

TEST(SampleRecord, TakesAnyBytesAsLastWords) {
  SampleRecord record = full_record();
  record.failure = "died: \xff\xfe\n\ttab";
  const std::string line = to_json_line(record);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_NE(record_from_json_line(line).failure.find("\n\ttab"), std::string::npos);
}

TEST(SampleRecord, RefusesWhatIsNoRecord) {
  EXPECT_THROW(record_from_json_line("{\"machine\":"), CommandError);
  EXPECT_THROW(record_from_json_line("{}"), CommandError);
  EXPECT_THROW(record_from_json_line("[]"), CommandError);
}

TEST(Tsv, HasAColumnForEveryFigureAndAnEmptyCellForTheUnknown) {
  SampleRecord failed;
  failed.machine = "m1";
  failed.index = 43;
  failed.failure = "killed";
  const std::string table = to_tsv({full_record(), failed});
  EXPECT_EQ(cell(table, 0, "ops"), "123456789.25");
  EXPECT_EQ(cell(table, 0, "major_faults"), "0");
  EXPECT_EQ(cell(table, 0, "counter.alloc_slow_calls"), "1000000000000000");
  EXPECT_EQ(cell(table, 0, "settings"), "a=1,b=2K");
  EXPECT_EQ(cell(table, 0, "effective"), "a=1,b=2048");
  EXPECT_EQ(cell(table, 0, "library_build_id"), "bb");
  EXPECT_EQ(cell(table, 0, "exit_status"), "0");
  for (const char* column : {"ops", "major_faults", "counter.alloc_slow_calls", "exit_status"}) {
    EXPECT_EQ(cell(table, 1, column), "") << column;
  }
  EXPECT_EQ(cell(table, 1, "failure"), "killed");
}

TEST(Tsv, IsInTheOrderOfMachineAndTime) {
  SampleRecord first = full_record();
  SampleRecord second = full_record();
  SampleRecord elsewhere = full_record();
  first.index = 9;
  second.index = 10;
  elsewhere.machine = "a1";
  const std::string table = to_tsv({second, first, elsewhere});
  EXPECT_EQ(cell(table, 0, "machine"), "a1");
  EXPECT_EQ(cell(table, 1, "index"), "9");
  EXPECT_EQ(cell(table, 2, "index"), "10");
}

TEST(Tsv, KeepsARecordOnOneLine) {
  SampleRecord record = full_record();
  record.failure = "a\tb\nc\\d";
  const std::string table = to_tsv({record});
  EXPECT_EQ(cells(table).size(), 2u);
  EXPECT_EQ(cell(table, 0, "failure"), "a\\tb\\nc\\\\d");
}

}  // namespace
}  // namespace tamari::lab
