#include "lab/sample.h"

#include <gtest/gtest.h>

namespace tamari::lab {
namespace {

ChildResult finished(const std::string& output) {
  ChildResult child;
  child.started = true;
  child.wait_status = 0;
  child.mapped = true;
  child.out = output;
  return child;
}

TEST(ParseValues, ReadsPairs) {
  const auto values = parse_values("ops/s=12.5 threads=4\n");
  ASSERT_TRUE(values.has_value());
  EXPECT_EQ(values->at("ops/s"), 12.5);
  EXPECT_EQ(values->at("threads"), 4);
}

TEST(ParseValues, LeavesOutWhatTheProgramDoesNotKnow) {
  EXPECT_EQ(parse_values("ops/s=1 rss_kib=-1")->count("rss_kib"), 0u);
}

TEST(ParseValues, RefusesAnythingElse) {
  EXPECT_FALSE(parse_values("ops/s=fast").has_value());
  EXPECT_FALSE(parse_values("ops/s=").has_value());
  EXPECT_FALSE(parse_values("hello").has_value());
  EXPECT_FALSE(parse_values("").has_value());
}

TEST(MakeSample, KeepsTheValuesOfAGoodRun) {
  const Sample sample = make_sample(finished("ops/s=5"));
  EXPECT_TRUE(sample.good());
  EXPECT_EQ(sample.value("ops/s"), 5);
  EXPECT_FALSE(sample.value("rss_kib").has_value());
}

TEST(MakeSample, ARunWithoutItsLibraryHasFailed) {
  ChildResult child = finished("ops/s=5");
  child.mapped = false;
  EXPECT_NE(make_sample(child).failure.find("maps"), std::string::npos);
  EXPECT_TRUE(make_sample(child).values.empty());
}

TEST(MakeSample, ARunWithoutAFigureHasFailed) {
  EXPECT_NE(make_sample(finished("threads=4")).failure.find("no ops/s="), std::string::npos);
}

TEST(MakeSample, AnAbortedRunHasFailedAndShowsItsLastWords) {
  ChildResult child = finished("");
  child.wait_status = 6;  // SIGABRT
  child.err = "tamari: double free\nmore\n";
  EXPECT_EQ(make_sample(child).failure, "killed by Aborted: tamari: double free");
}

}  // namespace
}  // namespace tamari::lab
