// `tamari ab`: what its arguments mean, and the whole command on glibc against itself.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lab/ab.h"
#include "lab/child.h"
#include "lab/command_error.h"
#include "lab/text.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

constexpr char kLibrary[] = "/lib/mine.so";

TEST(AbArm, ANameAloneIsAnAllocatorOrTamariAsItIs) {
  EXPECT_EQ(parse_arm("base", "").library, "");
  EXPECT_EQ(parse_arm("old", kLibrary).library, kLibrary);
  EXPECT_EQ(parse_arm("glibc", kLibrary).library, "glibc");
}

TEST(AbArm, ASpecIsSettingsALibraryOrBoth) {
  const ArmSpec wide = parse_arm("wide:stash_drain_limit=128,remote_batch=8", kLibrary);
  EXPECT_EQ(wide.name, "wide");
  EXPECT_EQ(wide.library, kLibrary);
  EXPECT_EQ(wide.settings, (std::vector<std::string>{"stash_drain_limit=128", "remote_batch=8"}));
  EXPECT_EQ(parse_arm("c:glibc", "").library, "glibc");
  EXPECT_EQ(parse_arm("t:tamari", kLibrary).library, kLibrary);
  const ArmSpec mixed = parse_arm(std::string("new:") + TAMARI_PROGRAM + ",decay_ms=5", "");
  EXPECT_EQ(mixed.library, std::filesystem::canonical(TAMARI_PROGRAM));
  EXPECT_EQ(mixed.settings, (std::vector<std::string>{"decay_ms=5"}));
}

std::string refusal(const AbOptions& options) {
  try {
    ab_plan(options, 2);
  } catch (const CommandError& error) {
    return error.what();
  }
  return "not refused";
}

AbOptions options_for(const std::vector<std::string>& arms) {
  AbOptions options;
  options.arms = arms;
  options.lanes = {"main"};
  return options;
}

void expect_refused(const AbOptions& options, const std::string& part) {
  EXPECT_NE(refusal(options).find(part), std::string::npos) << refusal(options);
}

TEST(AbArm, WhatIsNoSpecIsRefused) {
  expect_refused(options_for({"base", "jemaloc"}), "did you mean 'jemalloc'?");
  expect_refused(options_for({"base", "x:glibbc"}), "did you mean 'glibc'?");
  expect_refused(options_for({"base", "x:/no/such.so"}), "No such file");
  expect_refused(options_for({"base", "x:"}), "NAME:key=value");
  expect_refused(options_for({"base", "x:a=1,glibc"}), "NAME:key=value");
  expect_refused(options_for({"base", "x:glibc,a=1"}), "takes no settings");
}

TEST(AbPlan, HoldsTheOptions) {
  AbOptions options = options_for({"base", "wide:stash_drain_limit=128"});
  options.overrides.iterations = 500;
  options.gates = {"ops>=+3%", "rss<=+5%"};
  options.metrics = {"rate=([0-9]+)/s:higher"};
  options.check = "true";
  options.order = "abba";
  options.runs = "12";
  options.pin = "0";
  const Plan plan = ab_plan(options, 2);
  ASSERT_EQ(plan.arms.size(), 3u);
  EXPECT_TRUE(plan.arms[2].again);
  EXPECT_EQ(plan.workloads[0].lane->iterations, 500u);
  EXPECT_EQ(plan.workloads[0].check, "true");
  EXPECT_EQ(plan.stages[0].runs, 12u);
  EXPECT_FALSE(plan.stages[0].automatic);
  EXPECT_EQ(plan.stages[0].gates[1].metric, "rss_peak_kib");
  EXPECT_EQ(plan.order, Order::kAbba);
  EXPECT_EQ(plan.metrics[0].better, Better::kHigher);
  EXPECT_EQ(plan.title, "wide against base on main");
}

TEST(AbPlan, AutoIsAsNarrowAsTheTightestGateAsks) {
  AbOptions options = options_for({"base", "other"});
  EXPECT_EQ(ab_plan(options, 2).stages[0].automatic->half_width, AutoRuns{}.half_width);
  options.gates = {"ops>=+1%", "rss<=+20%", "time<=0%"};
  EXPECT_DOUBLE_EQ(ab_plan(options, 2).stages[0].automatic->half_width, 0.005);
  options.gates = {"rss<=+30%"};
  EXPECT_DOUBLE_EQ(ab_plan(options, 2).stages[0].automatic->half_width, 0.05);
}

TEST(AbPlan, AProgramIsCalledByItsFile) {
  AbOptions options = options_for({"base", "other"});
  options.lanes.clear();
  options.command = {"./my prog", "--x"};
  EXPECT_EQ(ab_plan(options, 2).workloads[0].name, "my_prog");
}

TEST(AbPlan, WhatMakesNoSenseIsRefused) {
  expect_refused(options_for({}), "--arm");
  expect_refused(options_for({"base"}), "nothing to be compared with");
  expect_refused(options_for({"base", "base"}), "'base'");
  AbOptions options = options_for({"base", "other"});
  options.command = {"true"};
  expect_refused(options, "not both");
  options.lanes.clear();
  options.gates = {"ops>=+3%"};
  expect_refused(options, "does not print");
  options.gates = {"tmie<=+3%"};
  expect_refused(options, "did you mean 'time'?");
  options.gates.clear();
  options.runs = "0";
  expect_refused(options, "--runs 0");
  options.runs = "7";
  options.order = "abab";
  expect_refused(options, "did you mean 'abba'?");
}

// The whole command, quick because sleep(1) is.
class AbCommand : public testing::Test {
 protected:
  ChildResult run(const std::vector<std::string>& words) {
    ChildRequest request;
    request.argv = {TAMARI_PROGRAM, "ab"};
    request.argv.insert(request.argv.end(), words.begin(), words.end());
    request.timeout_s = 60;
    return run_child(request);
  }
  ChildResult compare(std::vector<std::string> words) {
    words.insert(words.begin(),
                 {"--arm", "glibc", "--arm", "same:glibc", "--settle", "1", "--out", folder()});
    words.insert(words.end(), {"--", "/bin/sleep", "0.02"});
    return run(words);
  }
  std::string folder() const { return temporary_.file("out"); }
  std::string text_of(const std::string& name) const {
    std::ifstream file(folder() + "/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  TemporaryFolder temporary_;
};

TEST_F(AbCommand, GatesThatHoldEndWithZeroAndEveryReportIsThere) {
  const std::string page = temporary_.file("page.html");
  const ChildResult child = compare({"--runs", "6", "--gate", "time<=+500%", "--html", page});
  ASSERT_EQ(child.exit_status(), 0) << child.err << child.out;
  EXPECT_NE(child.out.find("GO: "), std::string::npos) << child.out;
  EXPECT_NE(child.out.find("ab: 6 blocks; gates wall_s<=+500%"), std::string::npos) << child.out;
  for (const char* name :
       {"plan.json", "samples.jsonl", "samples.tsv", "report.md", "report.html", "junit.xml"}) {
    EXPECT_FALSE(text_of(name).empty()) << name;
  }
  EXPECT_EQ(nlohmann::json::parse(text_of("summary.json"))["exit_status"], 0);
  EXPECT_TRUE(std::filesystem::exists(page));
}

TEST_F(AbCommand, AGateThatFailsEndsWithOne) {
  const ChildResult child = compare({"--runs", "6", "--gate", "time<=-90%", "--json"});
  EXPECT_EQ(child.exit_status(), 1) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  EXPECT_EQ(json["verdict"], "NO-GO");
  EXPECT_EQ(json["gates"][0]["state"], "failed");
  // What is about to be done is said before, but not among the figures.
  EXPECT_NE(child.err.find("ab: 6 blocks"), std::string::npos);
}

TEST_F(AbCommand, TooFewRunsAreInconclusive) {
  const ChildResult child = compare({"--runs", "2", "--gate", "time<=+500%"});
  EXPECT_EQ(child.exit_status(), 2) << child.err << child.out;
}

TEST_F(AbCommand, WithoutAGateItMeasures) {
  const ChildResult child = compare({"--runs", "2"});
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_NE(child.out.find("MEASURED: no gate was given"), std::string::npos) << child.out;
}

TEST_F(AbCommand, ACompleteExperimentIsPublishedAgain) {
  ASSERT_EQ(compare({"--runs", "2"}).exit_status(), 0);
  std::filesystem::remove(folder() + "/report.html");
  const ChildResult again = run({"--resume", folder()});
  EXPECT_EQ(again.exit_status(), 0) << again.err;
  EXPECT_FALSE(text_of("report.html").empty());
  // Without --resume it is not touched.
  const ChildResult anew = compare({"--runs", "2"});
  EXPECT_EQ(anew.exit_status(), 4);
  EXPECT_NE(anew.err.find("--resume"), std::string::npos) << anew.err;
}

TEST_F(AbCommand, WrongArgumentsEndWithFour) {
  const auto expect = [&](const std::vector<std::string>& words, const std::string& part) {
    const ChildResult child = run(words);
    EXPECT_EQ(child.exit_status(), 4) << child.err;
    EXPECT_NE(child.err.find(part), std::string::npos) << child.err;
  };
  expect({"--gaet", "x"}, "did you mean '--gate'?");
  expect({"--seed", "many"}, "whole number");
  expect({"--arm", "glibc", "--arm", "b:glibc", "--lane", "mian"}, "did you mean 'main'?");
  expect({"--resume", folder(), "--arm", "x"}, "leave out --arm");
  expect({"--resume", folder()}, "is this the folder of an experiment?");
}

TEST_F(AbCommand, AFileThatCannotBeWrittenCostsNoSample) {
  const ChildResult child = compare({"--runs", "2", "--md", temporary_.file("no/such/file.md")});
  EXPECT_EQ(child.exit_status(), 4);
  EXPECT_NE(child.err.find("no/such/file.md"), std::string::npos) << child.err;
  EXPECT_FALSE(std::filesystem::exists(folder()));
}

TEST_F(AbCommand, HelpFitsAScreenAndNamesTheStatuses) {
  const ChildResult child = run({"--help"});
  EXPECT_EQ(child.exit_status(), 0);
  EXPECT_LE(split(child.out, '\n').size(), 40u);
  EXPECT_NE(child.out.find("Exit status: 0 every gate held"), std::string::npos);
}

}  // namespace
}  // namespace tamari::lab
