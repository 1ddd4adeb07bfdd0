// The benchmark program under the C library's malloc: its arguments, its accounting, and that it
// ends.
#include <gtest/gtest.h>

#include "lab/child.h"
#include "lab/sample.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

ChildResult run_bench(const std::string& arguments) {
  ChildRequest request;
  request.argv = {BENCH_PROGRAM};
  if (!arguments.empty()) {
    for (const std::string& word : split(arguments, ' ')) request.argv.push_back(word);
  }
  request.timeout_s = 60;
  return run_child(request);
}

Values good_run(const std::string& arguments) {
  const ChildResult child = run_bench(arguments);
  EXPECT_EQ(child.failure(), "") << arguments;
  EXPECT_EQ(child.out.rfind("ops/s=", 0), 0u) << child.out;
  return parse_values(child.out).value_or(Values{});
}

void expect_exact_accounts(const Values& v, const std::string& arguments) {
  EXPECT_EQ(v.at("ops"), v.at("allocs") + v.at("releases") + v.at("received_frees")) << arguments;
  EXPECT_EQ(v.at("live_at_end"), 0) << arguments;
  EXPECT_EQ(v.at("failed_allocs"), 0) << arguments;
}

struct BadArguments {
  const char* words;
  const char* message;
};

constexpr BadArguments kBadArguments[] = {
    {"", "THREADS is missing"},
    {"4 100 10 16 64 90", "RING is missing"},
    {"0 100 10 16 64 90 8", "THREADS is '0'"},
    {"4 1e5 10 16 64 90 8", "ITERS is '1e5'"},
    {"4 100 -1 16 64 90 8", "SLOTS is '-1'"},
    {"4 100 10 0 64 90 8", "MIN is '0'"},
    {"4 100 10 64 16 90 8", "MIN 64 exceeds MAX 16"},
    {"4 100 10 16 64 101 8", "REMOTE% is '101'"},
    {"4 100 10 16 64 90 0", "RING is '0'"},
    {"4 100 10 16 64 90 8 3", "TOUCH is '3'"},
    {"4 100 10 16 64 90 8 0 2", "MATCHED is '2'"},
    {"4 100 10 16 64 90 8 0 0 0", "argument 10"},
    {"--settle=x 4 100 10 16 64 90 8", "--settle is 'x'"},
    {"--setle=1 4 100 10 16 64 90 8", "option is '--setle=1'"},
    {"99999999999999999999 1 1 1 1 1 1", "THREADS is"},
};

TEST(BenchProgram, BadArgumentsEndWithStatus2AndSayWhere) {
  for (const BadArguments& bad : kBadArguments) {
    const ChildResult child = run_bench(bad.words);
    EXPECT_EQ(child.exit_status(), 2) << bad.words;
    EXPECT_NE(child.err.find(bad.message), std::string::npos) << bad.words << ": " << child.err;
    EXPECT_EQ(child.out, "") << bad.words;
  }
}

TEST(BenchProgram, MatchedRunOnATinyRingEnds) {
  for (const char* arguments : {"4 5000 50 16 256 100 1 1 1", "2 5000 50 16 256 90 2 0 1",
                                "8 3000 50 16 256 90 3 1 1", "4 20000 400 16 2048 90 64 2 1"}) {
    const Values values = good_run(arguments);
    expect_exact_accounts(values, arguments);
    EXPECT_EQ(values.at("ring_fallbacks"), 0) << arguments;
  }
}

TEST(BenchProgram, EffectiveRemoteShareIsTheOneAskedFor) {
  for (const int percent : {0, 50, 90, 100}) {
    const std::string arguments = "4 50000 400 16 512 " + std::to_string(percent) + " 65536";
    const Values values = good_run(arguments);
    expect_exact_accounts(values, arguments);
    EXPECT_NEAR(values.at("remote_pct_effective"), percent, 1.0);
  }
}

TEST(BenchProgram, AFullRingFallsBackToLocalFrees) {
  const std::string arguments = "4 50000 400 16 512 100 1";
  const Values values = good_run(arguments);
  expect_exact_accounts(values, arguments);
  EXPECT_GT(values.at("ring_fallbacks"), 0);
  EXPECT_LT(values.at("remote_pct_effective"), 100);
}

TEST(BenchProgram, OneThreadReleasesLocally) {
  const Values values = good_run("1 20000 100 16 512 90 64 0 1");
  EXPECT_EQ(values.at("remote_pct_effective"), 0);
  EXPECT_EQ(values.at("received_frees"), 0);
}

TEST(BenchProgram, TheSameSeedsDoTheSameWork) {
  const Values first = good_run("4 20000 100 16 512 50 64 0 1");
  const Values second = good_run("4 20000 100 16 512 50 64 0 1");
  EXPECT_EQ(first.at("allocs"), second.at("allocs"));
  EXPECT_EQ(first.at("releases"), second.at("releases"));
}

TEST(BenchProgram, TouchingEveryByteMakesItResident) {
  const double untouched = good_run("2 5000 400 65536 65536 0 64 0").at("rss_kib");
  const double touched = good_run("2 5000 400 65536 65536 0 64 2").at("rss_kib");
  EXPECT_GT(touched, untouched + 10'000);
}

TEST(BenchProgram, PrintsEveryPromisedKey) {
  const Values values = good_run("--settle=1 2 1000 100 16 512 50 64");
  for (const char* key : {"seconds", "threads", "rss_peak_kib", "rss_kib", "rss_settled_kib",
                          "minor_faults", "major_faults", "user_s", "sys_s", "voluntary_switches",
                          "involuntary_switches", "ops_per_cpu_s"}) {
    EXPECT_EQ(values.count(key), 1u) << key;
  }
}

}  // namespace
}  // namespace tamari::lab
