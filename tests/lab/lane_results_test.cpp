#include "lab/lane_results.h"

#include <gtest/gtest.h>

namespace tamari::lab {
namespace {

Sample good_sample(const std::string& arm, std::size_t round, double speed, double peak) {
  Sample sample;
  sample.arm = arm;
  sample.round = round;
  sample.values = {{kSpeed, speed}, {kPeak, peak}};
  return sample;
}

Sample failed_sample(const std::string& arm, std::size_t round) {
  Sample sample;
  sample.arm = arm;
  sample.round = round;
  sample.failure = "killed";
  return sample;
}

LaneRun example() {
  LaneRun run;
  run.arms = {"tamari", "lean", "fast", "broken"};
  for (std::size_t round = 0; round < 3; ++round) {
    const auto drift = static_cast<double>(round + 1);
    run.samples.push_back(good_sample("tamari", round, 30 * drift, 20));
    run.samples.push_back(good_sample("lean", round, 10 * drift, 10));
    run.samples.push_back(good_sample("fast", round, 20 * drift, 40));
    run.samples.push_back(failed_sample("broken", round));
  }
  return run;
}

TEST(Summarise, SortsBySpeedWithFailuresLast) {
  const auto summaries = summarise(example());
  ASSERT_EQ(summaries.size(), 4u);
  EXPECT_EQ(summaries[0].arm, "tamari");
  EXPECT_EQ(summaries[1].arm, "fast");
  EXPECT_EQ(summaries[2].arm, "lean");
  EXPECT_EQ(summaries[3].arm, "broken");
}

TEST(Summarise, KeepsFailedSamplesAndLeavesTheirMetricsUnknown) {
  const ArmSummary broken = summarise(example()).back();
  EXPECT_EQ(broken.good, 0u);
  EXPECT_EQ(broken.failed, 3u);
  EXPECT_FALSE(broken.median_of(kSpeed).has_value());
}

TEST(Standings, CompareWithTheFastestAndTheLeanestPeer) {
  const auto speed = against_fastest(example());
  ASSERT_TRUE(speed.has_value());
  EXPECT_EQ(speed->peer, "fast");
  EXPECT_DOUBLE_EQ(speed->ratio.value, 1.5);
  EXPECT_DOUBLE_EQ(speed->ratio.interval->low, 1.5);
  const auto memory = against_leanest(example(), kPeak);
  EXPECT_EQ(memory->peer, "lean");
  EXPECT_DOUBLE_EQ(memory->ratio.value, 2);
}

TEST(Standings, UseOnlyRoundsInWhichBothHaveASample) {
  LaneRun run;
  run.arms = {"tamari", "peer"};
  run.samples = {good_sample("tamari", 0, 10, 1), good_sample("peer", 0, 5, 1),
                 failed_sample("tamari", 1), good_sample("peer", 1, 500, 1)};
  EXPECT_DOUBLE_EQ(against_fastest(run)->ratio.value, 2);
}

TEST(Cautions, NameShortSamplesAndUnequalWork) {
  LaneRun run;
  run.arms = {"brief", "other"};
  run.samples = {good_sample("brief", 0, 10, 1), good_sample("other", 0, 5, 1)};
  EXPECT_TRUE(cautions(run).empty());
  run.samples[0].values[kSeconds] = 0.01;
  run.samples[0].values[kRemote] = 54;
  run.samples[1].values[kSeconds] = 5;
  run.samples[1].values[kRemote] = 90;
  const auto lines = cautions(run);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(lines[0].find("(brief 0.01 s)"), std::string::npos);
  EXPECT_NE(lines[1].find("54.0 % for brief and 90.0 % for other"), std::string::npos);
}

TEST(Standings, NeedTamariAndAPeer) {
  LaneRun run;
  run.arms = {"peer"};
  run.samples = {good_sample("peer", 0, 5, 1)};
  EXPECT_FALSE(against_fastest(run).has_value());
  run.arms = {"tamari"};
  run.samples = {good_sample("tamari", 0, 5, 1)};
  EXPECT_FALSE(against_fastest(run).has_value());
}

}  // namespace
}  // namespace tamari::lab
