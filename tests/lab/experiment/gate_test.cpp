#include "lab/experiment/gate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "lab/command_error.h"
#include "lab/experiment/metrics.h"

namespace tamari::lab {
namespace {

template <typename Action>
std::string complaint(Action action) {
  try {
    action();
  } catch (const CommandError& error) {
    EXPECT_EQ(error.status(), kHarness);
    return error.what();
  }
  return "no complaint";
}

std::string complaint_of_gate(const std::string& text) {
  return complaint([&] { parse_gate(text); });
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Gate, IsReadAsItIsWritten) {
  const Gate gate = parse_gate("ops>=+3%");
  EXPECT_EQ(gate.metric, "ops");
  EXPECT_EQ(gate.comparison, Comparison::kAtLeast);
  EXPECT_DOUBLE_EQ(gate.limit, 0.03);
  EXPECT_EQ(gate.workload, "");
}

TEST(Gate, MayNameAWorkloadAndHaveBlanks) {
  const Gate gate = parse_gate("  larson_proxy :  ops  >=  - 3.25 % ");
  EXPECT_EQ(gate.workload, "larson_proxy");
  EXPECT_DOUBLE_EQ(gate.limit, -0.0325);
}

TEST(Gate, TakesAliases) {
  EXPECT_EQ(parse_gate("rss<=+5%").metric, "rss_peak_kib");
  EXPECT_EQ(parse_gate("time<=+1%").metric, "wall_s");
  EXPECT_EQ(parse_gate("my_metric<=1%").metric, "my_metric");
}

TEST(Gate, IsPrintedAsItIsRead) {
  for (const char* text : {"ops>=+3%", "main: rss_peak_kib<=+5%", "wall_s<=-0.25%", "ops>=+0%",
                           "guard: ops>=-3.1%", "ops<=+250%"}) {
    EXPECT_EQ(print_gate(parse_gate(text)), text);
  }
  EXPECT_EQ(print_gate(parse_gate("main: ops>=+3.0%")), "main: ops>=+3%");
}

TEST(Gate, DemandsAGainIfNoChangeDoesNotSatisfyIt) {
  EXPECT_TRUE(demands_gain(parse_gate("ops>=+3%")));
  EXPECT_TRUE(demands_gain(parse_gate("rss<=-5%")));
  EXPECT_FALSE(demands_gain(parse_gate("ops>=-3%")));
  EXPECT_FALSE(demands_gain(parse_gate("rss<=+5%")));
  EXPECT_FALSE(demands_gain(parse_gate("ops>=+0%")));
  EXPECT_FALSE(demands_gain(parse_gate("ops>=-0%")));
  // Statements about the ratio, whichever way is better.
  EXPECT_TRUE(demands_gain(parse_gate("rss>=+5%")));
  EXPECT_FALSE(demands_gain(parse_gate("ops<=+5%")));
}

TEST(Gate, AnErrorSaysWhatIsWrongAndShowsARightOne) {
  EXPECT_TRUE(has(complaint_of_gate("ops+3%"), "has no '>=' or '<='"));
  EXPECT_TRUE(has(complaint_of_gate("ops>3%"), "must compare with '>=' or '<='"));
  EXPECT_TRUE(has(complaint_of_gate("ops==3%"), "must compare with '>=' or '<='"));
  EXPECT_TRUE(has(complaint_of_gate(">=3%"), "names no metric"));
  EXPECT_TRUE(has(complaint_of_gate("a b>=3%"), "names no metric"));
  EXPECT_TRUE(has(complaint_of_gate(": ops>=3%"), "names no workload"));
  EXPECT_TRUE(has(complaint_of_gate("ops>=-100%"), "-100% or less"));
  for (const char* text : {"ops+3%", "ops>3%", ">=3%", ": ops>=3%", "ops>=-100%"}) {
    EXPECT_TRUE(has(complaint_of_gate(text), "'ops>=+3%' or 'main: rss<=+5%'")) << text;
    EXPECT_TRUE(has(complaint_of_gate(text), std::string("'") + text + "'")) << text;
  }
}

TEST(Gate, ALimitNeedsANumberAndItsUnit) {
  for (const char* text : {"ops>=3", "ops>=%", "ops>=", "ops>=+3x%", "ops>=nan%", "ops>=inf%",
                           "ops>=+-3%", "ops>=--3%", "ops>=1e400%", "ops>=3%%", "ops>=>=3%"}) {
    EXPECT_TRUE(has(complaint_of_gate(text), "must be a change in per cent such as '+3%'")) << text;
  }
}

TEST(Metric, IsANameAnExpressionAndADirection) {
  const MetricSpec lower = parse_metric("latency=p99=([0-9.]+) us");
  EXPECT_EQ(lower.name, "latency");
  EXPECT_EQ(lower.regex, "p99=([0-9.]+) us");
  EXPECT_EQ(lower.better, Better::kLower);
  const MetricSpec higher = parse_metric("rate=([0-9]+)/s:higher");
  EXPECT_EQ(higher.regex, "([0-9]+)/s");
  EXPECT_EQ(higher.better, Better::kHigher);
  EXPECT_EQ(parse_metric("rate=x:([0-9]+):lower").regex, "x:([0-9]+)");
}

TEST(Metric, AnErrorSaysWhatIsWrong) {
  const auto said = [](const std::string& text) { return complaint([&] { parse_metric(text); }); };
  EXPECT_TRUE(has(said("rate"), "has no '='"));
  EXPECT_TRUE(has(said("=([0-9]+)"), "needs a name"));
  EXPECT_TRUE(has(said("a b=([0-9]+)"), "needs a name"));
  EXPECT_TRUE(has(said("rate=[0-9]+"), "no group"));
  EXPECT_TRUE(has(said("rate=([0-9]+"), "is no expression"));
}

TEST(BuiltinMetrics, HaveOneMeaningForEachName) {
  std::vector<std::string> names;
  for (const BuiltinMetric& metric : builtin_metrics()) {
    EXPECT_EQ(canonical_metric(metric.name), metric.name);
    for (const std::string& alias : metric.aliases) EXPECT_EQ(canonical_metric(alias), metric.name);
  }
}

TEST(BuiltinMetrics, HaveADirectionThatThePlanMayChange) {
  Plan plan;
  EXPECT_EQ(direction_of_metric(plan, "ops"), Better::kHigher);
  EXPECT_EQ(direction_of_metric(plan, "rss_peak_kib"), Better::kLower);
  plan.metrics = {{"rate", Better::kHigher, "([0-9]+)"}};
  EXPECT_EQ(direction_of_metric(plan, "rate"), Better::kHigher);
}

}  // namespace
}  // namespace tamari::lab
