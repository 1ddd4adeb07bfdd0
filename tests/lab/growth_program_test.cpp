// bench_growth under the C library's malloc: its arguments, its figures, that only the dimension
// grows, and that a broken allocator gets no figures.
#include <gtest/gtest.h>

#include "lab/child.h"
#include "lab/preload.h"
#include "lab/sample.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

ChildResult run_growth(const std::string& arguments, const std::string& preload = "") {
  ChildRequest request;
  request.argv = {GROWTH_PROGRAM};
  if (!arguments.empty()) {
    for (const std::string& word : split(arguments, ' ')) request.argv.push_back(word);
  }
  if (!preload.empty()) request.environment = {{kPreloadVariable, preload}};
  return run_child(request);
}

Values good_run(const std::string& arguments) {
  const ChildResult child = run_growth(arguments);
  EXPECT_EQ(child.failure(), "") << arguments << ": " << child.err;
  EXPECT_EQ(child.out.rfind("ops/s=", 0), 0u) << child.out;
  return parse_values(child.out).value_or(Values{});
}

TEST(GrowthProgram, EveryDimensionPrintsEveryPromisedKey) {
  for (const char* words :
       {"heap 2 5000", "threads 5 5000", "short_threads 3 5000", "classes 7 5000"}) {
    const Values values = good_run(words);
    for (const char* key : {"ops/s", "seconds", "ops", "user_s", "sys_s", "rss_peak_kib",
                            "rss_end_kib", "rss_settled_kib", "minor_faults", "checksum"}) {
      EXPECT_EQ(values.count(key), 1u) << words << ": " << key;
    }
    EXPECT_GE(values.at("ops"), 10'000) << words;
  }
}

TEST(GrowthProgram, OnlyThreadsThatAreGoneHaveNoWalk) {
  for (const char* words : {"heap 2 5000", "threads 5 5000", "classes 7 5000"}) {
    EXPECT_EQ(good_run(words).count("walk_ns"), 1u) << words;
  }
  EXPECT_EQ(good_run("short_threads 3 5000").count("walk_ns"), 0u);
}

TEST(GrowthProgram, TheMeasuredWorkStaysWhileADimensionGrows) {
  EXPECT_EQ(good_run("threads 1 5000").at("checksum"), good_run("threads 9 5000").at("checksum"));
  EXPECT_EQ(good_run("heap 1 5000").at("ops"), good_run("heap 16 5000").at("ops"));
  EXPECT_EQ(good_run("short_threads 1 5000").at("ops"),
            good_run("short_threads 40 5000").at("ops"));
}

// 4,096 blocks are live and 1,920 bytes are the mean, whatever the number of sizes: 8,192 are made
// before the turns.
TEST(GrowthProgram, AnyNumberOfClassesMakesAsManyBytes) {
  constexpr double kTurns = 400'000;
  for (const char* count : {"1", "2", "3", "5", "8", "33", "96"}) {
    const double bytes = good_run(std::string("classes ") + count + " 400000").at("checksum");
    EXPECT_NEAR(bytes / (kTurns + 8192) / 1920, 1, 0.05) << count;
  }
}

// The first words alone are touched: at most a page of each block.
TEST(GrowthProgram, ALiveHeapIsResidentByAPageABlock) {
  const Values values = good_run("heap 256 1000");
  constexpr double kBlocks = 256.0 * 1024 / 8.5;
  EXPECT_GT(values.at("rss_peak_kib"), 16 * 1024);
  EXPECT_LT(values.at("rss_peak_kib"), kBlocks * 4 + 16 * 1024);
}

TEST(GrowthProgram, ABrokenAllocatorGetsNoFigures) {
  for (const char* words : {"heap 2 50000", "threads 2 50000", "classes 7 50000"}) {
    const ChildResult child = run_growth(words, BROKEN_LIBRARY);
    EXPECT_EQ(child.exit_status(), 1) << words << ": " << child.err;
    EXPECT_NE(child.err.find("check failed: a block's first word is intact"), std::string::npos);
    EXPECT_EQ(child.out, "") << words;
  }
}

// The stacks of 1,000 threads do not fit: the threads that are there already must not be waited
// for.
TEST(GrowthProgram, TooManyThreadsForTheSystemGiveNoFigures) {
  ChildRequest request;
  request.argv = {"/bin/bash", "-c", "ulimit -v 300000; exec \"$0\" threads 1000 100",
                  GROWTH_PROGRAM};
  request.timeout_s = 20;
  const ChildResult child = run_child(request);
  EXPECT_EQ(child.exit_status(), 1) << child.failure();
  EXPECT_NE(child.err.find("check failed: the system starts a thread"), std::string::npos)
      << child.err;
}

struct BadArguments {
  const char* words;
  const char* message;
};

constexpr BadArguments kBadArguments[] = {
    {"", "DIMENSION is ''"},
    {"heep 1 1", "DIMENSION is 'heep'"},
    {"heap", "VALUE is ''"},
    {"heap 0 1", "VALUE is '0'"},
    {"heap 1", "TURNS is ''"},
    {"heap 1 0", "TURNS is '0'"},
    {"heap 1 1e3", "TURNS is '1e3'"},
    {"classes 97 1", "VALUE is '97'"},
    {"heap 1 1 1", "argument 4 is '1'"},
    {"heap 1 1 --settle=-1", "--settle is '-1'"},
    {"heap 1 1 --setle=1", "option is '--setle=1'"},
};

TEST(GrowthProgram, BadArgumentsEndWithStatus2AndSayWhere) {
  for (const BadArguments& bad : kBadArguments) {
    const ChildResult child = run_growth(bad.words);
    EXPECT_EQ(child.exit_status(), 2) << bad.words;
    EXPECT_NE(child.err.find(bad.message), std::string::npos) << bad.words << ": " << child.err;
    EXPECT_EQ(child.out, "") << bad.words;
  }
}

}  // namespace
}  // namespace tamari::lab
