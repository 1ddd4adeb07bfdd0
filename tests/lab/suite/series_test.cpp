// Growth and scaling of the made-up suites: the verdicts, the efficiencies, and their reports.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <regex>

#include "lab/command_error.h"
#include "lab/environment.h"
#include "lab/suite/growth_rows.h"
#include "lab/suite/report_json.h"
#include "lab/suite/series.h"
#include "lab/suite/suite_output.h"
#include "tests/lab/suite/example_suite.h"

namespace tamari::lab {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string terminal(const SuiteReport& report) {
  return terminal_text(document_of(report, figures_of(report)), false);
}

TEST(Series, RowsOfOneSeriesBelongTogether) {
  const SuiteReport report = example_growth();
  const SuiteFigures figures = figures_of(report);
  const auto all = series_of(figures);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "heap");
  EXPECT_EQ(all[1].rows.size(), 2u);
}

TEST(Series, TheSpreadIsTheLargestOverTheSmallestInWhateverOrder) {
  const SuiteReport report = example_growth();
  const SuiteFigures figures = figures_of(report);
  const auto all = series_of(figures);
  const auto rising = spread_of(all[0], "tamari");
  ASSERT_TRUE(rising);
  EXPECT_EQ(rising->most->run->row.label, "1024");
  EXPECT_NEAR(rising->ratio.value, 1.4, 1e-9);
  EXPECT_TRUE(rising->flat());
  const auto falling = spread_of(all[1], "tamari");
  EXPECT_EQ(falling->most->run->row.label, "1");
  EXPECT_NEAR(falling->ratio.value, 1.2, 1e-9);
  EXPECT_FALSE(spread_of(all[0], "quick")->flat());
  EXPECT_FALSE(spread_of(all[0], "lean")) << "one row has no figure";
  EXPECT_FALSE(spread_of(all[0], "nobody"));
}

// One sample of three is twice as slow: resampled, it becomes the median now and then.
TEST(Series, AVerdictIsUnsureWhereTheIntervalReachesAcrossTheLimit) {
  SuiteReport report = example_growth();
  const SuiteFigures steady = figures_of(report);
  EXPECT_FALSE(spread_of(series_of(steady)[0], "tamari")->unsure());
  for (Sample& sample : report.rows[1].samples) {
    if (sample.arm == "tamari" && sample.round == 0) sample.values[kCpuPerOp] *= 2;
  }
  const SuiteFigures figures = figures_of(report);
  const auto spread = spread_of(series_of(figures)[0], "tamari");
  EXPECT_TRUE(spread->flat());
  EXPECT_TRUE(spread->unsure());
  EXPECT_TRUE(contains(terminal(report), "flat within 1.5x, unsure"));
}

TEST(Series, EfficiencyCountsTheProcessorsThatThereAre) {
  const SuiteReport report = example_scaling();
  const SuiteFigures figures = figures_of(report);
  const Series main = series_of(figures).front();
  const auto efficiency = [&](std::size_t row, const char* arm, unsigned cpus) {
    return efficiency_of(main, *main.rows[row], arm, cpus).value_or(-1);
  };
  EXPECT_DOUBLE_EQ(efficiency(0, "tamari", 2), 1);
  EXPECT_DOUBLE_EQ(efficiency(2, "tamari", 2), 1);
  EXPECT_DOUBLE_EQ(efficiency(2, "tamari", 64), 0.5);
  EXPECT_DOUBLE_EQ(efficiency(2, "quick", 2), 0.25);
  EXPECT_DOUBLE_EQ(efficiency(2, "nobody", 2), -1);
}

TEST(GrowthRows, AHeapBeyondHalfOfTheMemoryIsLeftOutAndSaysSo) {
  SuiteReport report;
  SuiteRow heap;
  heap.name = "heap";
  add_growth_rows(heap, false, 1024, report);
  ASSERT_FALSE(report.rows.empty());
  EXPECT_EQ(report.rows.front().row.name, "heap 1 MiB");
  EXPECT_EQ(report.rows.back().row.name, "heap 1 GiB");
  ASSERT_EQ(report.missing_rows.size(), 2u);
  EXPECT_EQ(report.missing_rows.back().name, "heap 8 GiB");
  EXPECT_EQ(report.missing_rows.back().reason,
            "left out: half of the available memory is 1024 MiB");
}

TEST(GrowthRows, OnlyAHeapIsCapped) {
  SuiteReport report;
  SuiteRow threads;
  threads.name = "threads";
  add_growth_rows(threads, true, 1, report);
  EXPECT_EQ(report.rows.back().row.at, 1000);
  EXPECT_TRUE(report.missing_rows.empty());
}

TEST(GrowthRows, AnUnknownDimensionIsAnError) {
  SuiteReport report;
  SuiteRow row;
  row.name = "depth";
  EXPECT_THROW(add_growth_rows(row, false, 1, report), CommandError);
}

TEST(Environment, MemoryIsAvailable) {
  EXPECT_GT(available_memory_kib(), 1024u);
  EXPECT_LT(available_memory_kib(), std::uint64_t{1} << 40);
}

TEST(GrowthReport, SaysTheVerdictTheWalkAndWhatWasLeftOut) {
  const std::string text = terminal(example_growth());
  EXPECT_TRUE(contains(text, "tamari bench growth"));
  EXPECT_TRUE(std::regex_search(text, std::regex("1.40x .1.40, 1.40. +6.09x +flat within 1.5x")))
      << text;
  EXPECT_TRUE(
      std::regex_search(text, std::regex("3.00x .3.00, 3.00. +6.09x +not flat within 1.5x")));
  EXPECT_TRUE(contains(text, "no figures on two rows"));
  EXPECT_TRUE(contains(text, "heap 8 GiB: left out: half of the available memory is 4096 MiB"));
  EXPECT_TRUE(contains(text, "absent: not installed: apt install libabsent"));
  EXPECT_TRUE(contains(text, "a step of the walk")) << text;
}

TEST(GrowthReport, AsJsonHasTheVerdicts) {
  const SuiteReport report = example_growth();
  const auto json = nlohmann::json::parse(suite_json(report, figures_of(report)));
  EXPECT_EQ(json["schema"], "tamari.bench.suite/1");
  EXPECT_EQ(json["kind"], "growth");
  EXPECT_EQ(json["limits"]["flat"], 1.5);
  const auto& heap = json["series"][0];
  EXPECT_EQ(heap["rows"][1]["at"], 1024);
  EXPECT_EQ(heap["arms"][0]["spread"]["flat"], true);
  EXPECT_EQ(heap["arms"][1]["spread"]["flat"], false);
  EXPECT_EQ(heap["arms"][1]["spread"]["most"]["row"], "heap 1024");
  EXPECT_TRUE(heap["arms"][2]["spread"].is_null());
}

TEST(ScalingReport, HasEfficienciesStandingsAndCautions) {
  const std::string text = terminal(example_scaling());
  EXPECT_TRUE(contains(text, "here 2 at most")) << text;
  EXPECT_TRUE(contains(text, "2.00x [2.00, 2.00] quick"));
  EXPECT_TRUE(contains(text, "Caution: with 4 threads the allocators did not do the same work"));
  EXPECT_FALSE(contains(text, "too short"));
  SuiteReport brief = example_scaling();
  for (Sample& sample : brief.rows[1].samples) sample.values[kSeconds] = 0.1;
  EXPECT_TRUE(contains(terminal(brief), "Caution: with 2 threads some samples are too short"));
}

TEST(ScalingReport, AsJsonHasTheEfficiencies) {
  const SuiteReport report = example_scaling();
  const auto json = nlohmann::json::parse(suite_json(report, figures_of(report)));
  EXPECT_EQ(json["kind"], "scaling");
  EXPECT_EQ(json["series"][0]["arms"][1]["efficiency"], (std::vector<double>{1, 0.5, 0.25}));
}

TEST(ScalingReport, ThePageHasACurveForEachAllocator) {
  const SuiteReport report = example_scaling();
  const std::string page = page_text(document_of(report, figures_of(report)));
  EXPECT_TRUE(contains(page, "class=\"our-curve\""));
  EXPECT_TRUE(contains(page, "quick, 4: 0.125")) << page;
  EXPECT_FALSE(contains(page, "http"));
}

}  // namespace
}  // namespace tamari::lab
