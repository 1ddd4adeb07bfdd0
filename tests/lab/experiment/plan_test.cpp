// What makes a plan unfit to be carried out, and its JSON form.
#include "lab/experiment/plan.h"

#include <gtest/gtest.h>

#include "lab/command_error.h"
#include "lab/experiment/gate.h"
#include "lab/experiment/plan_file.h"
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

std::string experiment_path(const std::string& name) {
  return std::string(EXPERIMENTS) + "/" + name;
}

std::string gates_of(const Stage& stage) {
  std::vector<std::string> gates;
  for (const Gate& gate : stage.gates) gates.push_back(print_gate(gate));
  return join(gates, ", ");
}

// A plan that is fit, to be spoilt in one place.
Plan fit_plan() {
  return plan_from_toml(
      "lanes = [\"main\"]\n[[variant]]\nname = \"wide\"\nstash_drain_limit = 64\n"
      "[[stage]]\nname = \"only\"\nruns = 3\ngates = [\"main: ops>=+3%\"]\n",
      "x.toml", kCpus);
}

TEST(Validate, RefusesWhatCannotBeRun) {
  const struct {
    void (*spoil)(Plan&);
    const char* said;
  } kCases[] = {
      {[](Plan& p) { p.arms[1].name = "base"; }, "two of a kind are called 'base'"},
      {[](Plan& p) { p.arms[1].name = kAgainName; }, "two of a kind are called 'base-again'"},
      {[](Plan& p) { p.arms[1].name = "a b"; }, "the name 'a b' of an arm has a character"},
      {[](Plan& p) { p.arms[1].name = ""; }, "an arm has no name"},
      {[](Plan& p) { p.arms.clear(); }, "the experiment has no base"},
      {[](Plan& p) { p.arms.erase(p.arms.begin() + 1); }, "the base 'base' has nothing to be"},
      {[](Plan& p) { p.arms.pop_back(); }, "the last arm must be 'base-again'"},
      {[](Plan& p) { p.arms.back().settings = {"x=1"}; }, "the last arm must be 'base-again'"},
      {[](Plan& p) { p.arms[1].settings = {"x"}; }, "the setting 'x' of the arm 'wide' is not key"},
      {[](Plan& p) { p.arms[1].settings = {"=1"}; }, "the setting '=1' of the arm 'wide'"},
      {[](Plan& p) { p.arms[1].settings = {"x="}; }, "the setting 'x=' of the arm 'wide'"},
      {[](Plan& p) { p.arms[1].settings = {"x=1,y=2"}; }, "the setting 'x=1,y=2' of the arm"},
      {[](Plan& p) { p.arms[1].library = "glibc"; }, "the arm 'wide' is glibc, which takes no"},
      {[](Plan& p) { p.workloads.clear(); }, "there is nothing to run"},
      {[](Plan& p) { p.workloads.push_back(p.workloads[0]); }, "two of a kind are called 'main'"},
      {[](Plan& p) { p.workloads[0].command = {"x"}; }, "the workload 'main' must be either"},
      {[](Plan& p) { p.workloads[0].lane->iterations = 0; }, "the lane 'main' needs at least one"},
      {[](Plan& p) { p.workloads[0].lane->min_size = 99999; }, "the lane 'main' draws sizes from"},
      {[](Plan& p) { p.workloads[0].lane->remote_percent = 101; },
       "the lane 'main' needs a remote"},
      {[](Plan& p) { p.stages.clear(); }, "the experiment has no stage"},
      {[](Plan& p) { p.stages[0].runs = 0; }, "the stage 'only' has no runs"},
      {[](Plan& p) { p.stages.push_back(p.stages[0]); }, "two of a kind are called 'only'"},
      {[](Plan& p) { p.stages[0].winners_only = true; }, "the first stage 'only' cannot be for"},
      {[](Plan& p) {
         p.stages[0].automatic = AutoRuns{9, 3, 0.01};
       },
       "the stage 'only' runs from"},
      {[](Plan& p) {
         p.stages[0].automatic = AutoRuns{3, 9, 0};
       },
       "the stage 'only' stops at a"},
      {[](Plan& p) { p.stages[0].gates[0].metric = "opps"; },
       "the gate 'main: opps>=+3%' is on an unknown metric 'opps'; did you mean 'ops'?"},
      {[](Plan& p) { p.stages[0].gates[0].workload = "mian"; },
       "the gate 'mian: ops>=+3%' names the workload 'mian', which the experiment does not run; "
       "did you mean 'main'?"},
      {[](Plan& p) { p.stages[0].gates[0].limit = -1; },
       "a gate of the stage 'only' has the limit"},
      {[](Plan& p) { p.workloads[0].lane.reset(), p.workloads[0].command = {"true"}; },
       "the gate 'main: ops>=+3%' is on ops, which the program 'main' does not print"},
      {[](Plan& p) {
         p.hard_kills = {{"c", 0.05, {"guard"}}};
       },
       "the hard kill on c names the workload 'guard'"},
      {[](Plan& p) {
         p.hard_kills = {{"", 0.05, {}}};
       },
       "a hard kill names no counter"},
      {[](Plan& p) {
         p.hard_kills = {{"c", -0.05, {}}};
       },
       "the hard kill on c rises by -5%"},
      {[](Plan& p) {
         p.metrics = {{"m", Better::kLower, ""}};
       },
       "the metric 'm' is not built in"},
      {[](Plan& p) {
         p.metrics = {{"time", Better::kLower, "(.)"}};
       },
       "the metric name 'time' is"},
      {[](Plan& p) {
         p.metrics = {{"m", Better::kLower, "x"}};
       },
       "metric 'm=x' is no expression"},
      {[](Plan& p) { p.timeout_s = 0; }, "a sample's time limit must be above 0"},
  };
  validate(fit_plan());
  for (const auto& bad : kCases) {
    Plan plan = fit_plan();
    bad.spoil(plan);
    const std::string said = complaint([&] { validate(plan); });
    EXPECT_EQ(said.rfind(bad.said, 0), 0u) << said << "\nis not: " << bad.said;
  }
}

TEST(Validate, AProgramMayPrintWhatALanePrints) {
  Plan plan = fit_plan();
  plan.workloads[0].lane.reset();
  plan.workloads[0].command = {"true"};
  plan.metrics = {{"ops", Better::kHigher, "ops/s=([0-9]+)"}};
  validate(plan);
}

Plan rich_plan() {
  Plan plan = read_plan_file(experiment_path("stash-drain.toml"), kCpus);
  plan.workloads.push_back({"redis", {}, {"redis-benchmark", "-q \"x\"\n"}, "cmp a b"});
  plan.metrics = {{"rate", Better::kHigher, "([0-9]+)\\s"}, {"p99", Better::kLower, "(.)"}};
  plan.stages[1].automatic = AutoRuns{7, 70, 0.0125};
  plan.hard_kills[0].workloads = {"main", "guard"};
  plan.arms[2].library = "/opt/lib with space.so";
  plan.seed = 18446744073709551615u;
  plan.settle_ms = 7;
  plan.timeout_s = 0.125;
  plan.pin = "0,2-3";
  plan.budget_s = 2700;
  return plan;
}

TEST(PlanJson, BringsBackEveryField) {
  const Plan plan = rich_plan();
  const std::string text = to_json(plan);
  const Plan read = plan_from_json(text);
  EXPECT_EQ(to_json(read), text);
  EXPECT_EQ(read.title, plan.title);
  EXPECT_EQ(read.order, plan.order);
  EXPECT_EQ(read.arms[2].library, plan.arms[2].library);
  EXPECT_EQ(read.arms[2].settings, plan.arms[2].settings);
  EXPECT_TRUE(read.arms.back().again);
  EXPECT_EQ(read.workloads[1].lane->arguments(), plan.workloads[1].lane->arguments());
  EXPECT_EQ(read.workloads[3].command, plan.workloads[3].command);
  EXPECT_FALSE(read.workloads[3].lane.has_value());
  EXPECT_EQ(read.workloads[3].check, "cmp a b");
  EXPECT_EQ(read.metrics[0].better, Better::kHigher);
  EXPECT_EQ(gates_of(read.stages[1]), gates_of(plan.stages[1]));
  EXPECT_EQ(read.stages[1].automatic->most, 70u);
  EXPECT_EQ(read.stages[1].automatic->half_width, 0.0125);
  EXPECT_TRUE(read.stages[1].winners_only);
  EXPECT_EQ(read.hard_kills[0].workloads, plan.hard_kills[0].workloads);
  EXPECT_EQ(read.seed, plan.seed);
  EXPECT_EQ(read.timeout_s, plan.timeout_s);
  EXPECT_EQ(read.pin, plan.pin);
  EXPECT_EQ(read.budget_s, plan.budget_s);
}

TEST(PlanJson, OfAnotherSchemaIsOneClearSentence) {
  const auto said = [](const std::string& schema) {
    std::string text = to_json(rich_plan());
    const std::string mine = "tamari.experiment/1";
    text.replace(text.find(mine), mine.size(), schema);
    return complaint([&] { plan_from_json(text); });
  };
  EXPECT_EQ(said("tamari.experiment/0").substr(0, 40), "this is not a plan of tamari's: its \"sch");
  EXPECT_EQ(said("tamari.experiment/2"),
            "this plan has the schema tamari.experiment/2, and this tamari reads "
            "tamari.experiment/1: use the newer tamari that wrote it, or begin a new experiment");
  EXPECT_NE(said("other/1").find("this is not a plan of tamari's"), std::string::npos);
}

TEST(PlanJson, ThatIsDamagedIsSaid) {
  const std::string text = to_json(rich_plan());
  for (const std::string& bad :
       {std::string(""), std::string("[]"), std::string("{}"), text.substr(0, text.size() / 2)}) {
    EXPECT_NE(complaint([&] { plan_from_json(bad); }), "no complaint") << bad;
  }
  std::string wrong = text;
  wrong.replace(wrong.find("\"abba\""), 6, "\"abab\"");
  EXPECT_EQ(complaint([&] { plan_from_json(wrong); }),
            "the plan's 'order' is 'abab': it must be 'latin' or 'abba'");
}

}  // namespace
}  // namespace tamari::lab
