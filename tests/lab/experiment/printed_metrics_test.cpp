#include "lab/experiment/printed_metrics.h"

#include <gtest/gtest.h>

namespace tamari::lab {
namespace {

std::optional<double> find(const std::string& regex, const std::string& out,
                           const std::string& err = "") {
  const auto found = regex_metrics({{"x", Better::kHigher, regex}}, out, err);
  const auto at = found.find("x");
  return at == found.end() ? std::nullopt : std::optional(at->second);
}

TEST(RegexMetrics, TakeTheLastMatchOfBothStreams) {
  EXPECT_EQ(find("r=([0-9.]+)", "r=1 r=2\nr=3.5\n"), 3.5);
  EXPECT_EQ(find("r=([0-9.]+)", "r=1", "r=2"), 2);
  EXPECT_EQ(find("r=(\\S+)", "r=-1.5e3"), -1500);
}

TEST(RegexMetrics, MatchAtLines) {
  EXPECT_EQ(find("^r=([0-9]+)$", "r=1\nxr=2\nr=3x\n"), 1);
  EXPECT_EQ(find("^r=([0-9]+)", "r=1 r=2"), 1);
  EXPECT_EQ(find("a=([0-9]+)", "a=1\n\xff\xfe a=2"), 2);
}

TEST(RegexMetrics, LeaveOutWhatIsNoNumber) {
  EXPECT_EQ(find("r=([a-z]+)", "r=fast"), std::nullopt);
  EXPECT_EQ(find("r=([a-z]+)", "r=inf"), std::nullopt);
  EXPECT_EQ(find("r=([0-9]*)", "r="), std::nullopt);
  EXPECT_EQ(find("()", "abc"), std::nullopt);
  EXPECT_EQ(find("r=([0-9]+)", ""), std::nullopt);
}

TEST(RegexMetrics, TakeAnyLengthInLinearTime) {
  EXPECT_EQ(find("(?:a|aa)+$|r=([0-9]+)", std::string(5'000'000, 'a') + "b r=7"), 7);
}

TEST(RegexProblem, SaysWhatCannotBeUsed) {
  EXPECT_EQ(regex_problem("r=([0-9]+)"), "");
  EXPECT_NE(regex_problem("r=([0-9]+"), "");
  EXPECT_EQ(regex_problem("r=[0-9]+"), "it has no group ( ) around the number");
}

TEST(LaneMetrics, BearTheNamesOfTheBuiltInOnes) {
  const auto values = lane_metrics(
      "ops/s=100 ops=50 user_s=1.5 sys_s=0.5 voluntary_switches=2 involuntary_switches=3 "
      "minor_faults=7 rss_settled_kib=-1\n");
  ASSERT_TRUE(values.has_value());
  EXPECT_EQ(values->at("ops"), 100);
  EXPECT_EQ(values->at("operations"), 50);
  EXPECT_EQ(values->at("system_s"), 0.5);
  EXPECT_EQ(values->at("cpu_s"), 2);
  EXPECT_EQ(values->at("context_switches"), 5);
  EXPECT_EQ(values->at("minor_faults"), 7);
  EXPECT_EQ(values->count("rss_settled_kib"), 0u);
}

TEST(LaneMetrics, AreNoneWithoutTheSpeed) {
  EXPECT_FALSE(lane_metrics("").has_value());
  EXPECT_FALSE(lane_metrics("ops=5 seconds=1").has_value());
  EXPECT_FALSE(lane_metrics("bench: out of memory").has_value());
}

}  // namespace
}  // namespace tamari::lab
