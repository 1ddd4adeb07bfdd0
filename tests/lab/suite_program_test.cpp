// The workload suite's program under the C library's malloc: its arguments, its figures, and that a
// broken allocator gets none.
#include <gtest/gtest.h>

#include <set>

#include "lab/child.h"
#include "lab/preload.h"
#include "lab/sample.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kTiny[] = " --scale 0.001";

ChildResult run_suite(const std::string& arguments, const std::string& preload = "") {
  ChildRequest request;
  request.argv = {SUITE_PROGRAM};
  if (!arguments.empty()) {
    for (const std::string& word : split(arguments, ' ')) request.argv.push_back(word);
  }
  if (!preload.empty()) request.environment = {{kPreloadVariable, preload}};
  request.timeout_s = 60;
  return run_child(request);
}

Values good_run(const std::string& arguments) {
  const ChildResult child = run_suite(arguments);
  EXPECT_EQ(child.failure(), "") << arguments << ": " << child.err;
  EXPECT_EQ(child.out.rfind("ops/s=", 0), 0u) << child.out;
  return parse_values(child.out).value_or(Values{});
}

std::vector<std::string> workload_names() {
  std::vector<std::string> names;
  for (const std::string& line : split(trim(run_suite("--list").out), '\n')) {
    names.push_back(trim(line.substr(0, trim(line).find(' ') + 2)));
  }
  return names;
}

TEST(SuiteProgram, EveryWorkloadPassesItsChecksAndDoesSomething) {
  const std::vector<std::string> names = workload_names();
  EXPECT_EQ(names.size(), 30u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const std::string& name : names) {
    const Values values = good_run(name + kTiny);
    EXPECT_GT(values.at("ops"), 0) << name;
    EXPECT_GT(values.at("seconds"), 0) << name;
    EXPECT_GT(values.at("checksum"), 0) << name;
    EXPECT_GE(values.at("rss_peak_kib"), values.at("rss_start_kib")) << name;
  }
}

TEST(SuiteProgram, TheSameSeedDoesTheSameWork) {
  for (const char* name : {"symbolic", "numeric", "simulation", "server_small", "batch_random",
                           "produce_1_n", "aligned", "worker_pool"}) {
    const std::string words = std::string(name) + kTiny;
    const Values first = good_run(words + " --seed 5");
    EXPECT_EQ(first.at("checksum"), good_run(words + " --seed 5").at("checksum")) << name;
    EXPECT_EQ(first.at("ops"), good_run(words + " --seed 5").at("ops")) << name;
  }
  EXPECT_NE(good_run("symbolic --scale 0.01 --seed 1").at("checksum"),
            good_run("symbolic --scale 0.01 --seed 2").at("checksum"));
}

TEST(SuiteProgram, ScaleAndThreadsChangeTheAmountOfWork) {
  const double once = good_run("numeric --scale 0.02").at("ops");
  EXPECT_NEAR(good_run("numeric --scale 0.06").at("ops") / once, 3, 0.01);
  const double two = good_run("batch_lifo --scale 0.01 --threads 2").at("ops");
  EXPECT_EQ(good_run("batch_lifo --scale 0.01 --threads 6").at("ops"), 3 * two);
}

TEST(SuiteProgram, PrintsEveryPromisedKey) {
  const Values values = good_run("pipeline --scale 0.01 --settle 1");
  for (const char* key : {"ops/s", "seconds", "ops", "user_s", "sys_s", "rss_start_kib",
                          "rss_peak_kib", "rss_end_kib", "rss_settled_kib", "rss_mib_seconds",
                          "minor_faults", "vmas", "checksum", "ops_per_cpu_s"}) {
    EXPECT_EQ(values.count(key), 1u) << key;
  }
  EXPECT_EQ(values.count("malloc_p50_ns"), 0u);
  EXPECT_EQ(values.count("rss_10s_kib"), 0u);
}

// A GiB-second is a GiB for a second, whatever held it.
TEST(SuiteProgram, TheIntegralIsTimeTimesResidentSet) {
  const Values values = good_run("sleeping_owner --scale 0.3");
  const double mean_mib = values.at("rss_mib_seconds") / values.at("seconds");
  EXPECT_GT(mean_mib, 60);
  EXPECT_LT(mean_mib, values.at("rss_peak_kib") / 1024);
}

TEST(SuiteProgram, LatenciesAreOrderedAndCountEveryCall) {
  const Values values = good_run("batch_fifo --scale 0.01 --latency");
  for (const std::string call : {"malloc", "free"}) {
    EXPECT_GE(values.at(call + "_calls"), values.at("ops") / 2) << call;
    EXPECT_GT(values.at(call + "_p50_ns"), 0) << call;
    EXPECT_LE(values.at(call + "_p50_ns"), values.at(call + "_p99_ns")) << call;
    EXPECT_LE(values.at(call + "_p99_ns"), values.at(call + "_p99.9_ns")) << call;
    EXPECT_LE(values.at(call + "_p99.9_ns"), values.at(call + "_p99.99_ns")) << call;
    EXPECT_LE(values.at(call + "_p99.99_ns"), values.at(call + "_max_ns")) << call;
    double counted = 0;
    for (const auto& [key, value] : values) {
      if (key.rfind(call + "_below_", 0) == 0) counted += value;
    }
    EXPECT_EQ(counted, values.at(call + "_calls")) << call;
  }
  EXPECT_LT(values.at("clock_ns"), 10'000);
}

TEST(SuiteProgram, ABrokenAllocatorGetsNoFigures) {
  for (const char* name : {"server_small", "batch_random", "sessions", "migration", "free_only"}) {
    const ChildResult child = run_suite(std::string(name) + " --scale 0.01", BROKEN_LIBRARY);
    EXPECT_EQ(child.exit_status(), 1) << name << ": " << child.err;
    EXPECT_NE(child.err.find(std::string(name) + ": check failed"), std::string::npos) << child.err;
    EXPECT_EQ(child.out, "") << name;
  }
}

struct BadArguments {
  const char* words;
  const char* message;
};

constexpr BadArguments kBadArguments[] = {
    {"", "WORKLOAD is ''"},
    {"symbolc", "WORKLOAD is 'symbolc'"},
    {"symbolic numeric", "a second WORKLOAD is 'numeric'"},
    {"symbolic --scale", "--scale is ''"},
    {"symbolic --scale 0", "--scale is '0'"},
    {"symbolic --scale nan", "--scale is 'nan'"},
    {"symbolic --scale=1x", "--scale is '1x'"},
    {"symbolic --threads 0", "--threads is '0'"},
    {"symbolic --threads 99999", "--threads is '99999'"},
    {"symbolic --settle -1", "--settle is '-1'"},
    {"symbolic --seed 1e3", "--seed is '1e3'"},
    {"symbolic --setle 1", "option is '--setle'"},
};

TEST(SuiteProgram, BadArgumentsEndWithStatus2AndSayWhere) {
  for (const BadArguments& bad : kBadArguments) {
    const ChildResult child = run_suite(bad.words);
    EXPECT_EQ(child.exit_status(), 2) << bad.words;
    EXPECT_NE(child.err.find(bad.message), std::string::npos) << bad.words << ": " << child.err;
    EXPECT_EQ(child.out, "") << bad.words;
  }
}

}  // namespace
}  // namespace tamari::lab
