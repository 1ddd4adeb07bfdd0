// What is made of the latencies of single calls.
#include <gtest/gtest.h>

#include <regex>

#include "lab/suite/latency_figure.h"
#include "lab/suite/latency_view.h"
#include "tests/lab/suite/example_suite.h"

namespace tamari::lab {
namespace {

TEST(Latency, HistogramsAddUpOverTheRounds) {
  ArmSamples run;
  for (const double calls : {3.0, 4.0}) {
    Sample sample;
    sample.arm = "a";
    sample.values = {{"free_below_16ns", 9},
                     {"malloc_below_16ns", calls},
                     {"malloc_below_64ns", 1},
                     {"malloc_p50_ns", 8}};
    run.samples.push_back(sample);
  }
  const std::map<int, double> expected = {{4, 7}, {6, 2}};
  EXPECT_EQ(latency_histogram(run, "a", "malloc"), expected);
  EXPECT_TRUE(latency_histogram(run, "b", "malloc").empty());
}

TEST(Latency, TheWorstIsTheWorstOfAllRounds) {
  const SuiteReport report = example_latency();
  const std::string text = terminal_text(latency_document(report, figures_of(report)), false);
  EXPECT_NE(text.find("1000002"), std::string::npos) << text;
  EXPECT_NE(text.find("not installed: apt install libabsent"), std::string::npos);
  EXPECT_EQ(text.find("Histograms"), std::string::npos) << "figures are the page's";
}

// "lean" has no figures on one of the three rows: its means are of less work.
TEST(Latency, TheSummarySaysOverHowManyRows) {
  const SuiteReport report = example_latency();
  const std::string text = terminal_text(latency_document(report, figures_of(report)), false);
  EXPECT_TRUE(std::regex_search(text, std::regex("tamari +3 +20 +200"))) << text;
  EXPECT_TRUE(std::regex_search(text, std::regex("lean +2 +40 +400"))) << text;
}

TEST(Latency, ThePageHasAHistogramForEachCall) {
  const SuiteReport report = example_latency();
  const std::string page = page_text(latency_document(report, figures_of(report)));
  EXPECT_NE(page.find("even: malloc"), std::string::npos);
  EXPECT_NE(page.find("even: free"), std::string::npos);
  EXPECT_NE(page.find("class=\"tamari-heat\""), std::string::npos);
}

}  // namespace
}  // namespace tamari::lab
