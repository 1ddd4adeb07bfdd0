// `tamari sweep`: its forecast, and the whole command on a file that compares glibc with itself.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "lab/child.h"
#include "lab/experiment/forecast.h"
#include "lab/text.h"
#include "tests/lab/experiment/example_report.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

constexpr char kFile[] = R"(
title = "Is glibc itself?"
[base]
library = "glibc"
[[variant]]
name = "same"
[[program]]
name = "nap"
command = ["/bin/sleep", "0.02"]
[[stage]]
name = "screen"
runs = 6
gates = ["time<=+500%"]
)";

class SweepCommand : public testing::Test {
 protected:
  ChildResult run(const std::vector<std::string>& words) {
    ChildRequest request;
    request.argv = {TAMARI_PROGRAM, "sweep"};
    request.argv.insert(request.argv.end(), words.begin(), words.end());
    request.timeout_s = 60;
    return run_child(request);
  }
  std::string file(const std::string& text = kFile) { return temporary_.write("plan.toml", text); }
  std::string folder() const { return temporary_.file("out"); }

  TemporaryFolder temporary_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Forecast, CountsEverySampleOfEveryBlock) {
  Plan plan = example_report().experiment.plan;
  EXPECT_EQ(most_samples(plan, 0, 0), 10u * 5);
  EXPECT_EQ(most_samples(plan, 1, 0), 40u * 5);  // an automatic stage at its longest
  plan.order = Order::kAbba;
  EXPECT_EQ(most_samples(plan, 0, 0), 10u * 4 * 4);
}

TEST(Forecast, AnUnknownTimeStaysUnknown) {
  Plan plan = example_report().experiment.plan;
  plan.workloads.push_back({"mine", {}, {"./mine"}, ""});
  const auto seconds = guessed_seconds(plan, 2);
  EXPECT_GT(seconds[0].value(), 0.1);
  EXPECT_FALSE(seconds[2]);
  EXPECT_TRUE(has(forecast_words(plan, seconds), "unknown time"));
}

TEST(Forecast, DurationsForPeople) {
  EXPECT_EQ(duration_words(0.84), "0.8 s");
  EXPECT_EQ(duration_words(59.4), "59 s");
  EXPECT_EQ(duration_words(127), "2 min 7 s");
  EXPECT_EQ(duration_words(2 * 3600 + 300), "2 h 5 min");
}

TEST_F(SweepCommand, CheckSaysHowLongItTakesAndRunsNothing) {
  const ChildResult child = run({file(), "--check", "--no-measure", "--out", folder()});
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_TRUE(has(child.out, "3 arms, 1 workloads: at most 18 samples in unknown time"))
      << child.out;
  EXPECT_FALSE(std::filesystem::exists(folder()));
}

TEST_F(SweepCommand, CheckMeasuresASample) {
  const ChildResult child = run({file(), "--check"});
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_TRUE(has(child.out, "one sample of the base")) << child.out;
  EXPECT_FALSE(has(child.out, "unknown")) << child.out;
}

TEST_F(SweepCommand, ALaneMayBeAWorkloadOfTheSuite) {
  const std::string text =
      "lanes = [\"thread_churn\"]\n[base]\nlibrary = \"glibc\"\n[[variant]]\nname = \"same\"\n"
      "[[stage]]\nname = \"screen\"\nruns = 1\n";
  const ChildResult child = run({file(text), "--out", folder(), "--json"});
  EXPECT_EQ(child.exit_status(), 2) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  EXPECT_EQ(json["failed_samples"], 0);
  EXPECT_EQ(json["today"][0]["leading_metric"], "ops");
}

TEST_F(SweepCommand, RunsTheFileAndAnswersWithTheVerdict) {
  const ChildResult child = run({file(), "--out", folder(), "--json"});
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  EXPECT_EQ(json["verdict"], "GO");
  EXPECT_EQ(json["plan"]["title"], "Is glibc itself?");
  EXPECT_TRUE(std::filesystem::exists(folder() + "/report.html"));
}

TEST_F(SweepCommand, ANoGoEndsWithOne) {
  std::string text = kFile;
  text.replace(text.find("+500"), 4, "-90");
  const ChildResult child = run({file(text), "--out", folder()});
  EXPECT_EQ(child.exit_status(), 1) << child.err;
  EXPECT_TRUE(has(child.out, "NO-GO: ")) << child.out;
}

TEST_F(SweepCommand, WhatIsWrongEndsWithFour) {
  const auto expect = [&](const std::vector<std::string>& words, const std::string& part) {
    const ChildResult child = run(words);
    EXPECT_EQ(child.exit_status(), 4) << child.err;
    EXPECT_TRUE(has(child.err, part)) << child.err;
  };
  expect({}, "a FILE, or --resume DIR");
  expect({temporary_.file("none.toml")}, "none.toml");
  expect({file(), "--chekc"}, "did you mean '--check'?");
  expect({file(std::string(kFile) + "color = 1\n")}, "color");
  expect({file(), "--resume", folder()}, "leave out FILE");
}

}  // namespace
}  // namespace tamari::lab
