#include "lab/sample.h"

#include <gtest/gtest.h>

namespace tamari::lab {
namespace {

ChildResult finished(const std::string& output) {
  ChildResult child;
  child.started = true;
  child.wait_status = 0;
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

TEST(ParseValues, LeavesOutTheOriginOfMalloc) {
  const std::string output = "ops/s=5 threads=4\nmalloc_from=/a b/x.so\n";
  EXPECT_EQ(malloc_origin(output), "/a b/x.so");
  EXPECT_EQ(parse_values(output)->size(), 2u);
  EXPECT_EQ(malloc_origin("ops/s=5\n"), "");
}

TEST(MakeProvedSample, ARunUnderAnotherMallocHasFailed) {
  const FileIdentity library = identify("/bin/sh").value();
  const auto judged = [&library](const std::string& origin) {
    return make_proved_sample(finished("ops/s=5\n" + origin), library);
  };
  EXPECT_EQ(judged("malloc_from=/bin/sh\n").value("ops/s"), 5);
  EXPECT_EQ(judged("malloc_from=/proc/self/exe\n").failure,
            "it called the malloc of /proc/self/exe, not the arm's");
  for (const char* origin : {"", "malloc_from=\n"}) {
    EXPECT_EQ(judged(origin).failure, "it does not say whose malloc it called");
    EXPECT_TRUE(judged(origin).values.empty());
  }
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
