// The experiment file: what is read from it, and what is said of a bad one.
#include "lab/experiment/plan_file.h"

#include <gtest/gtest.h>

#include "lab/command_error.h"
#include "lab/experiment/gate.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr unsigned kCpus = 16;

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

std::string complaint_of_file(const std::string& text) {
  return complaint([&] { plan_from_toml(text, "x.toml", kCpus); });
}

std::string experiment_path(const std::string& name) {
  return std::string(EXPERIMENTS) + "/" + name;
}

std::string settings_of(const Plan& plan, const std::string& name) {
  for (const ArmSpec& arm : plan.arms) {
    if (arm.name == name) return join(arm.settings, " ");
  }
  return "no such arm";
}

std::string gates_of(const Stage& stage) {
  std::vector<std::string> gates;
  for (const Gate& gate : stage.gates) gates.push_back(print_gate(gate));
  return join(gates, ", ");
}

// The least that is a whole experiment; `extra` comes before its tables.
std::string small_file(const std::string& extra, const std::string& tables = "") {
  return "lanes = [\"main\"]\n" + extra +
         "\n[[variant]]\nname = \"wide\"\nstash_drain_limit = 64\n"
         "[[stage]]\nname = \"only\"\nruns = 3\n" +
         tables;
}

TEST(StashDrain, IsTheMissionsExperiment) {
  const Plan plan = read_plan_file(experiment_path("stash-drain.toml"), kCpus);
  EXPECT_EQ(plan.name, "stash-drain");
  EXPECT_EQ(plan.order, Order::kAbba);
  ASSERT_EQ(plan.workloads.size(), 3u);
  EXPECT_EQ(join(plan.workloads[0].lane->arguments(), " "), "16 2000000 400 16 32768 90 65536 0 0");
  EXPECT_EQ(join(plan.workloads[1].lane->arguments(), " "), "16 2000000 400 16 2048 90 65536 0 0");
  EXPECT_EQ(join(plan.workloads[2].lane->arguments(), " "), "4 2500000 400 4096 32768 0 65536 0 0");
  ASSERT_EQ(plan.stages.size(), 2u);
  EXPECT_EQ(plan.stages[0].runs, 10u);
  EXPECT_EQ(gates_of(plan.stages[0]), "main: ops>=+3%, guard: ops>=-3%, larson_proxy: ops>=-3%");
  EXPECT_FALSE(plan.stages[0].winners_only);
  EXPECT_FALSE(plan.stages[0].no_failures);
  EXPECT_EQ(plan.stages[1].runs, 21u);
  EXPECT_EQ(gates_of(plan.stages[1]), "main: ops>=+5%, guard: ops>=-4%, larson_proxy: ops>=-4%");
  EXPECT_TRUE(plan.stages[1].winners_only);
  EXPECT_TRUE(plan.stages[1].no_failures);
  ASSERT_EQ(plan.hard_kills.size(), 1u);
  EXPECT_EQ(plan.hard_kills[0].counter, "alloc_slow_calls");
  EXPECT_DOUBLE_EQ(plan.hard_kills[0].rise, 0.05);
  EXPECT_TRUE(plan.hard_kills[0].workloads.empty());
}

TEST(StashDrain, HasABaseSixVariantsAndACopy) {
  const Plan plan = read_plan_file(experiment_path("stash-drain.toml"), kCpus);
  const std::string policy = "remote_policy=owner_stash stash_drain_limit=";
  ASSERT_EQ(plan.arms.size(), 8u);
  EXPECT_EQ(plan.arms.front().name, "base");
  EXPECT_EQ(settings_of(plan, "base"), policy + "32 stash_bounded_drain=0");
  EXPECT_EQ(settings_of(plan, "limit-64"), policy + "64 stash_bounded_drain=0");
  EXPECT_EQ(settings_of(plan, "limit-128"), policy + "128 stash_bounded_drain=0");
  EXPECT_EQ(settings_of(plan, "extra-16"),
            policy + "32 stash_bounded_drain=1 stash_bounded_extra=16");
  EXPECT_EQ(settings_of(plan, "extra-32"),
            policy + "32 stash_bounded_drain=1 stash_bounded_extra=32");
  EXPECT_EQ(settings_of(plan, "limit-64-extra-16"),
            policy + "64 stash_bounded_drain=1 stash_bounded_extra=16");
  EXPECT_EQ(settings_of(plan, "limit-128-extra-16"),
            policy + "128 stash_bounded_drain=1 stash_bounded_extra=16");
  EXPECT_EQ(plan.arms.back().name, kAgainName);
  EXPECT_TRUE(plan.arms.back().again);
  EXPECT_EQ(plan.arms.back().settings, plan.arms.front().settings);
}

TEST(RemotePolicy, ComparesThreePoliciesInTimeAndMemory) {
  const Plan plan = read_plan_file(experiment_path("remote-policy.toml"), kCpus);
  EXPECT_EQ(plan.order, Order::kLatin);
  EXPECT_EQ(settings_of(plan, "direct"), "remote_policy=direct");
  EXPECT_EQ(settings_of(plan, "owner_stash"), "remote_policy=owner_stash");
  EXPECT_EQ(settings_of(plan, "hybrid"), "remote_policy=hybrid");
  EXPECT_GE(plan.workloads.size(), 12u);
  EXPECT_EQ(gates_of(plan.stages.at(0)), "ops>=-3%, rss_peak_kib<=+5%");
}

TEST(PlanFile, OfTheLeastContentHasDefaults) {
  const Plan plan = plan_from_toml(small_file(""), "dir/x.toml", kCpus);
  EXPECT_EQ(plan.name, "x");
  EXPECT_EQ(plan.order, Order::kLatin);
  EXPECT_EQ(plan.seed, 1u);
  EXPECT_EQ(plan.budget_s, 0);
  ASSERT_EQ(plan.arms.size(), 3u);
  EXPECT_EQ(plan.arms[0].name, "base");
  EXPECT_EQ(settings_of(plan, "wide"), "stash_drain_limit=64");
}

TEST(PlanFile, TakesEveryKey) {
  const Plan plan = plan_from_toml(
      small_file("title = \"T\"\nname = \"n\"\norder = \"abba\"\nseed = 7\npin = \"0-3\"\n"
                 "timeout_s = 1.5\nsettle_ms = 0\nbudget = \"1h30min\"\n",
                 "gates = [\"ops>=+1%\"]\n[[stage]]\nname = \"more\"\n"
                 "auto = { least = 4, most = 9, half_width = \"2%\" }\n"
                 "[[hard_kill]]\ncounter = \"c\"\nrise = \"+5 %\"\nlanes = [\"main\"]\n"),
      "x.toml", kCpus);
  EXPECT_EQ(plan.title, "T");
  EXPECT_EQ(plan.name, "n");
  EXPECT_EQ(plan.order, Order::kAbba);
  EXPECT_EQ(plan.seed, 7u);
  EXPECT_EQ(plan.pin, "0-3");
  EXPECT_EQ(plan.timeout_s, 1.5);
  EXPECT_EQ(plan.settle_ms, 0u);
  EXPECT_EQ(plan.budget_s, 5400);
  EXPECT_EQ(plan.stages.at(1).automatic->least, 4u);
  EXPECT_EQ(plan.stages.at(1).automatic->most, 9u);
  EXPECT_DOUBLE_EQ(plan.stages.at(1).automatic->half_width, 0.02);
  EXPECT_EQ(plan.hard_kills.at(0).workloads, std::vector<std::string>{"main"});
}

TEST(PlanFile, ALaneMayDifferFromItsName) {
  const Plan plan = plan_from_toml(
      "lanes = [\"guard\", { lane = \"main\", name = \"short\", threads = 2, iterations = 1000, "
      "remote = 50, ring = 8, touch = 1, matched = true }, { lane = \"main_equal\", "
      "matched = false }]\n[[variant]]\nname = \"v\"\nx = 1\n[[stage]]\nname = \"s\"\nruns = 1\n",
      "x.toml", 2);
  ASSERT_EQ(plan.workloads.size(), 3u);
  EXPECT_EQ(plan.workloads[0].lane->iterations, 250'000u);  // scaled to two CPUs
  EXPECT_EQ(plan.workloads[1].name, "short");
  EXPECT_EQ(join(plan.workloads[1].lane->arguments(), " "), "2 1000 400 16 32768 50 8 1 1");
  EXPECT_FALSE(plan.workloads[2].lane->matched);
}

TEST(PlanFile, AProductHasEveryCombination) {
  const Plan plan = plan_from_toml(
      "lanes = [\"main\"]\n[base]\nremote_policy = \"owner_stash\"\nstash_drain_limit = 32\n"
      "[product]\nstash_drain_limit = [64, 128]\nstash_bounded_drain = true\n"
      "stash_bounded_extra = [16, 32]\n[[stage]]\nname = \"s\"\nruns = 1\n",
      "x.toml", kCpus);
  ASSERT_EQ(plan.arms.size(), 6u);
  EXPECT_EQ(plan.arms[1].name, "stash_drain_limit=64,stash_bounded_extra=16");
  EXPECT_EQ(plan.arms[4].name, "stash_drain_limit=128,stash_bounded_extra=32");
  EXPECT_EQ(settings_of(plan, plan.arms[4].name),
            "remote_policy=owner_stash stash_drain_limit=128 stash_bounded_drain=1 "
            "stash_bounded_extra=32");
}

TEST(PlanFile, AnotherLibraryBeginsWithoutTheBasesSettings) {
  const Plan plan =
      plan_from_toml(small_file("base = { remote_policy = \"hybrid\" }\n",
                                "[[variant]]\nname = \"je\"\n"
                                "library = \"/usr/lib/libjemalloc.so.2\"\n"
                                "[[variant]]\nname = \"libc\"\nlibrary = \"glibc\"\n"),
                     "x.toml", kCpus);
  EXPECT_EQ(settings_of(plan, "wide"), "remote_policy=hybrid stash_drain_limit=64");
  EXPECT_EQ(settings_of(plan, "je"), "");
  EXPECT_EQ(settings_of(plan, "libc"), "");
}

TEST(PlanFile, AProgramBringsItsMetrics) {
  const Plan plan = plan_from_toml(
      "[[program]]\nname = \"redis\"\ncommand = [\"redis-benchmark\", \"-q\"]\ncheck = \"true\"\n"
      "metrics = { rate = \"([0-9.]+) requests:higher\" }\n[[variant]]\nname = \"v\"\nx = \"y\"\n"
      "[[stage]]\nname = \"s\"\nruns = 1\ngates = [\"redis: rate>=-1%\", \"rss<=+5%\"]\n",
      "x.toml", kCpus);
  ASSERT_EQ(plan.workloads.size(), 1u);
  EXPECT_EQ(join(plan.workloads[0].command, " "), "redis-benchmark -q");
  EXPECT_EQ(plan.workloads[0].check, "true");
  ASSERT_EQ(plan.metrics.size(), 1u);
  EXPECT_EQ(plan.metrics[0].better, Better::kHigher);
}

struct BadFile {
  const char* text;
  const char* said;
};

TEST(PlanFile, AnUnknownKeyIsNamedWithItsLineAndTheNearest) {
  EXPECT_EQ(complaint_of_file(small_file("budgte = \"1h\"\n")),
            "x.toml:2: unknown key 'budgte' in the file; did you mean 'budget'?");
  EXPECT_EQ(complaint_of_file(small_file("", "gatse = []\n")),
            "x.toml:9: unknown key 'gatse' in [[stage]]; did you mean 'gates'?");
  EXPECT_EQ(complaint_of_file(small_file("", "[[hard_kill]]\ncounter = \"c\"\nlimit = 3\n")),
            "x.toml:11: unknown key 'limit' in [[hard_kill]]; it takes counter, rise, lanes, "
            "programs");
}

TEST(PlanFile, WhatIsWrongIsOneSentenceWithItsLine) {
  const BadFile files[] = {
      {"lanes = [\"gaurd\"]\n", "x.toml:1: no lane is called 'gaurd'; did you mean 'guard'?"},
      {"lanes = [\n  \"main\",\n  3]\n", "x.toml:3: 'lanes' must be a list of names"},
      {"lanes = [{ lane = \"main\", threads = 0 }]\n",
       "x.toml:1: 'threads' must be a whole number from 1 to 4096"},
      {"lanes = \"main\"\n", "x.toml:1: 'lanes' must be a list of names"},
      {"\norder = \"random\"\n", "x.toml:2: the order 'random' is unknown"},
      {"seed = -1\n", "x.toml:1: 'seed' must be a whole number"},
      {"seed = 1.5\n", "x.toml:1: 'seed' must be a whole number"},
      {"budget = \"soon\"\n", "x.toml:1: 'budget' must be a time such as \"45min\""},
      {"budget = \"5\"\n", "x.toml:1: 'budget' must be a time such as \"45min\""},
      {"pin = 3\n", "x.toml:1: 'pin' must be a \"text\""},
      {"seed = 1\nx = [1,\n", "x.toml:2: not TOML: "},
      {"[[stage]]\nruns = 3\n", "x.toml:1: [[stage]] needs a 'name'"},
      {"[[stage]]\nname = \"s\"\n", "x.toml:1: the stage 's' needs either 'runs' or 'auto'"},
      {"[[stage]]\nname = \"s\"\nruns = 0\n", "x.toml:3: 'runs' must be a whole number from 1"},
      {"[[stage]]\nname = \"s\"\nruns = 1\ngates = [\n\"ops>=+3%\",\n\"ops>3\"]\n",
       "x.toml:6: gate 'ops>3' must compare with"},
      {"[[stage]]\nname = \"s\"\nruns = 1\nwinners_only = 1\n",
       "x.toml:4: 'winners_only' must be true or false"},
      {"[[variant]]\nstash_drain_limit = 64\n", "x.toml:1: [[variant]] needs a 'name'"},
      {"[[variant]]\nname = \"v\"\nx = 1.5\n",
       "x.toml:3: the setting 'x' must be a whole number, true, false or a word"},
      {"[product]\nx = 1\n", "x.toml:1: [product] needs a setting with a list of values"},
      {"[product]\nx = []\n", "x.toml:2: 'x' lists no values"},
      {"[[program]]\nname = \"p\"\n", "x.toml:1: the program 'p' needs a command"},
      {"[[program]]\nname = \"p\"\ncommand = [\"a\"]\nmetrics = { m = \"[0-9]+\" }\n",
       "x.toml:4: metric 'm=[0-9]+' is no expression to use"},
      {"[[hard_kill]]\ncounter = \"c\"\nrise = \"5\"\n",
       "x.toml:3: 'rise' must be a change in per cent"},
      {"[[hard_kill]]\nrise = \"5%\"\n", "x.toml:1: [[hard_kill]] needs a 'counter'"},
  };
  for (const BadFile& file : files) {
    const std::string said = complaint_of_file(file.text);
    EXPECT_EQ(said.rfind(file.said, 0), 0u) << said << "\nis not: " << file.said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
}

TEST(PlanFile, ThatIsNotThereIsSaid) {
  EXPECT_EQ(complaint([] { read_plan_file("/nowhere/x.toml", kCpus); }),
            "cannot read the experiment file /nowhere/x.toml");
  EXPECT_EQ(complaint([] { read_plan_file("/", kCpus); }), "cannot read the experiment file /");
}

TEST(Duration, IsReadInItsUnits) {
  EXPECT_EQ(parse_duration("45min", "x"), 2700);
  EXPECT_EQ(parse_duration("1h 30 min 5s", "x"), 5405);
  EXPECT_EQ(parse_duration("0.5h", "x"), 1800);
  for (const char* text : {"", "-1s", "5", "5 days", "h", "5min3", "1..5s", "nan s"}) {
    EXPECT_NE(complaint([&] { parse_duration(text, "it"); }), "no complaint") << text;
  }
}

}  // namespace
}  // namespace tamari::lab
