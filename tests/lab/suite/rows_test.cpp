#include <gtest/gtest.h>

#include "lab/command_error.h"
#include "lab/suite/choose_rows.h"
#include "lab/suite/rounds.h"

namespace tamari::lab {
namespace {

const std::string kList =
    "  first      the first one\n  second     another\n  sawtooth   rises\n\n";

std::vector<std::string> chosen(const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const SuiteRow& row : choose_rows(parse_row_list(kList), names, "workload")) {
    found.push_back(row.name);
  }
  return found;
}

Sample with_checksum(double checksum) {
  Sample sample;
  sample.values = {{kChecksum, checksum}, {kSeconds, 1}};
  return sample;
}

TEST(SuiteRows, ComeFromTheProgramsOwnList) {
  const std::vector<SuiteRow> rows = parse_row_list(kList);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].name, "first");
  EXPECT_EQ(rows[0].about, "the first one");
  EXPECT_FALSE(rows[0].by_clock);
  EXPECT_TRUE(rows[2].by_clock);
}

TEST(SuiteRows, AreChosenInTheirOwnOrder) {
  EXPECT_EQ(chosen({}).size(), 3u);
  EXPECT_EQ(chosen({"second", "first"}), (std::vector<std::string>{"first", "second"}));
}

TEST(SuiteRows, AMisspeltNameIsRefusedWithTheNearest) {
  try {
    chosen({"secnod"});
    FAIL() << "it was taken";
  } catch (const CommandError& error) {
    EXPECT_EQ(error.status(), kUsage);
    EXPECT_NE(
        std::string(error.what()).find("no workload is called 'secnod'; did you mean 'second'?"),
        std::string::npos)
        << error.what();
  }
}

TEST(SuiteSamples, CpuTimeIsUserAndSystemTime) {
  Sample sample;
  sample.values = {{"user_s", 2}, {"sys_s", 1}, {"ops", 1e9}};
  add_derived_values(sample);
  EXPECT_DOUBLE_EQ(*sample.value(kCpu), 3);
  EXPECT_DOUBLE_EQ(*sample.value(kCpuPerOp), 3);
}

TEST(SuiteSamples, AnOddChecksumCostsTheSampleItsFigures) {
  RowRun run;
  run.samples = {with_checksum(1), with_checksum(2), with_checksum(1)};
  refuse_odd_checksums(run);
  EXPECT_TRUE(run.samples[0].good());
  EXPECT_FALSE(run.samples[1].good());
  EXPECT_FALSE(run.samples[1].value(kSeconds).has_value());
}

// One of two allocators is wrong, and nobody knows which.
TEST(SuiteSamples, ChecksumsThatAreAsFrequentCostAllTheirFigures) {
  RowRun run;
  run.samples = {with_checksum(1), with_checksum(2), with_checksum(2), with_checksum(1)};
  refuse_odd_checksums(run);
  for (const Sample& sample : run.samples) {
    EXPECT_NE(sample.failure.find("others have another as often"), std::string::npos);
    EXPECT_FALSE(sample.value(kSeconds).has_value());
  }
}

TEST(SuiteSamples, ARowMaySayThatItsChecksumVaries) {
  RowRun run;
  run.row.same_checksum = false;
  run.samples = {with_checksum(1), with_checksum(2)};
  refuse_odd_checksums(run);
  EXPECT_TRUE(run.samples[0].good() && run.samples[1].good());
}

}  // namespace
}  // namespace tamari::lab
