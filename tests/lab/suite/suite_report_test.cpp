// The reports of the made-up suite.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/command_error.h"
#include "lab/suite/report_json.h"
#include "lab/suite/suite_output.h"
#include "lab/suite/view.h"
#include "tests/lab/suite/example_suite.h"

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
