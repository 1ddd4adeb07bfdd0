// The reports of the made-up suite.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/command_error.h"
#include "lab/suite/report_json.h"
#include "lab/suite/suite_output.h"
#include "lab/suite/view.h"
#include "tests/lab/suite/example_suite.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string terminal(const SuiteReport& report) {
  return terminal_text(workloads_document(report, figures_of(report)), false);
}

TEST(SuiteReport, SaysWhoCouldNotTakePartAndWhatToDo) {
  const std::string text = terminal(example_suite());
  EXPECT_TRUE(contains(text, "not installed: apt install libabsent")) << text;
  EXPECT_TRUE(contains(text, "refused, does not own malloc: malloc is glibc's"));
}

TEST(SuiteReport, MarksRowsAndNamesTheBestSinglePeer) {
  const std::string text = terminal(example_suite());
  EXPECT_TRUE(contains(text, "time, RSS"));
  EXPECT_TRUE(contains(text, "time 1.000x of the best single peer's (quick, 3 rows)")) << text;
  EXPECT_TRUE(contains(text, "Of 3 rows, 1 beyond 1.05x in time and 1 beyond 1.15x in peak RSS"));
}

TEST(SuiteReport, AFailedSampleHasAReasonAndNoFigure) {
  const std::string text = terminal(example_suite());
  EXPECT_TRUE(contains(text, "ahead, lean, round 2: check failed: <a block> is whole"));
  EXPECT_TRUE(contains(text, "3/3"));
}

TEST(SuiteReport, SaysThatItIsPartial) {
  SuiteReport report = example_suite();
  EXPECT_FALSE(contains(terminal(report), "PARTIAL"));
  EXPECT_EQ(exit_status(report), kSampleFailed);
  report.runs = 5;
  EXPECT_TRUE(contains(terminal(report), "PARTIAL: 3 of 5 rounds are complete"));
  EXPECT_EQ(exit_status(report), kInterrupted);
}

// The folder of the file goes away while samples are taken.
TEST(SuiteReport, AFileThatCannotBeWrittenDoesNotCostTheFigures) {
  const TemporaryFolder folder;
  const std::string gone = folder.file("gone");
  std::filesystem::create_directory(gone);
  SuiteReport report = example_suite();
  for (RowRun& run : report.rows) {
    run.arms.clear();
    run.samples.clear();
  }
  report.rounds_done = 0;
  const auto request = [&](const SuiteRow&, const Arm&) {
    std::filesystem::remove_all(gone);
    ChildRequest child;
    child.argv = {"/bin/true"};
    return child;
  };
  const auto judge = [](const ChildResult& child, const Arm&) {
    Sample sample;
    sample.failure = child.failure();
    sample.values = {{kSeconds, 1}};
    return sample;
  };
  SuiteOutput output;
  output.save = gone + "/suite.json";
  testing::internal::CaptureStdout();
  EXPECT_THROW(conduct({request, judge}, output, report), CommandError);
  const std::string printed = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(contains(printed, "3 rounds, scale 1")) << printed;
  EXPECT_EQ(report.rounds_done, 3u);
}

TEST(SuiteReport, AsJsonKeepsEverySampleAndItsSchema) {
  const SuiteReport report = example_suite();
  const auto json = nlohmann::json::parse(suite_json(report, figures_of(report)));
  EXPECT_EQ(json["schema"], "tamari.bench.suite/1");
  EXPECT_EQ(json["partial"], false);
  EXPECT_EQ(json["best_single_peer"]["peak"], "lean");
  EXPECT_EQ(json["missing_arms"][0]["advice"], "apt install libabsent");
  EXPECT_EQ(json["rows"][1]["beyond"], (std::vector<std::string>{"time", "peak"}));
  EXPECT_EQ(json["rows"][2]["samples"].size(), 9u);
  EXPECT_TRUE(json["rows"][2]["samples"][2]["values"].is_null());
  EXPECT_DOUBLE_EQ(json["rows"][0]["arms"][0]["metrics"][kCpuPerOp]["median"], 1000);
}

TEST(SuiteReport, AsAPageHasABarForEachRow) {
  const SuiteReport report = example_suite();
  const std::string page = page_text(workloads_document(report, figures_of(report)));
  EXPECT_TRUE(contains(page, "class=\"beyond-limit\""));
  EXPECT_TRUE(contains(page, "class=\"within ahead\""));
  EXPECT_TRUE(contains(page, "check failed: &lt;a block&gt; is whole"));
  EXPECT_FALSE(contains(page, "http"));
}

}  // namespace
}  // namespace tamari::lab
