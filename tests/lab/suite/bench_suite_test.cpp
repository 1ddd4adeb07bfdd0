// `tamari bench suite` as users meet it, at a tiny scale and with a stand-in for the library.
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <future>
#include <thread>

#include "lab/child.h"
#include "lab/text.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

ChildRequest tamari_request(const std::string& arguments) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "bench", "suite"};
  for (const std::string& word : split(arguments, ' ')) request.argv.push_back(word);
  request.timeout_s = 120;
  return request;
}

ChildResult run_suite(const std::string& arguments) { return run_child(tamari_request(arguments)); }

nlohmann::json read_json(const std::string& file) {
  std::ifstream stream(file);
  return nlohmann::json::parse(stream);
}

const std::string kTiny =
    std::string("--lib ") + FAKE_LIBRARY + " --scale 0.001 --only numeric,batch_lifo ";

TEST(BenchSuite, MeasuresEveryArmOnEveryChosenRow) {
  const TemporaryFolder folder;
  const ChildResult child = run_suite(kTiny + "--peers glibc --runs 2 --json --html " +
                                      folder.file("page.html") + " --save " + folder.file("json"));
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  EXPECT_EQ(json["rounds_complete"], 2);
  ASSERT_EQ(json["rows"].size(), 2u);
  for (const auto& row : json["rows"]) {
    EXPECT_EQ(row["samples"].size(), 4u);
    EXPECT_EQ(row["tamari_to_best_peer_time"]["peer"], "glibc");
    for (const auto& sample : row["samples"]) EXPECT_TRUE(sample["failure"].is_null()) << sample;
  }
  EXPECT_EQ(read_json(folder.file("json")), json);
  EXPECT_TRUE(std::filesystem::exists(folder.file("page.html")));
  EXPECT_NE(child.err.find("round 2/2: numeric"), std::string::npos) << child.err;
}

TEST(BenchSuite, PrintsMarkdown) {
  const ChildResult child = run_suite(kTiny + "--peers none --runs 1 --md");
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_EQ(child.out.rfind("## tamari bench suite\n", 0), 0u) << child.out;
  EXPECT_NE(child.out.find("| batch_lifo | tamari |"), std::string::npos);
}

TEST(BenchSuite, TimesEveryCallAlsoWhilePurging) {
  const ChildResult child =
      run_suite(std::string("--lib ") + TAMARI_LIBRARY +
                " --latency --only numeric --scale 0.001 --peers none --runs 1 --json");
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  EXPECT_EQ(json["kind"], "latency");
  ASSERT_EQ(json["rows"][0]["arms"].size(), 3u);
  EXPECT_EQ(json["arms"][1]["settings"], "decay_ms=10");
  for (const auto& arm : json["rows"][0]["arms"]) {
    EXPECT_GT(arm["metrics"]["malloc_p99.99_ns"]["median"], 0) << arm["arm"];
  }
  EXPECT_TRUE(json["rows"][0]["tamari_to_best_peer_time"].is_null()) << "no variant is a peer";
}

TEST(BenchSuite, AFailedCheckGivesNoFigure) {
  const ChildResult child =
      run_suite(std::string("--scale 0.01 --only sessions --runs 1 --json ") + "--lib " +
                FAKE_LIBRARY + " --peers broken=" + BROKEN_LIBRARY);
  EXPECT_EQ(child.exit_status(), 1) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  for (const auto& sample : json["rows"][0]["samples"]) {
    EXPECT_EQ(sample["values"].is_null(), sample["arm"] == "broken") << sample;
  }
}

TEST(BenchSuite, MisspeltWordsGetASuggestion) {
  const ChildResult row = run_suite("--only symblic");
  EXPECT_EQ(row.exit_status(), 2);
  EXPECT_NE(row.err.find("did you mean 'symbolic'?"), std::string::npos) << row.err;
  EXPECT_NE(run_suite("--quik").err.find("did you mean '--quick'?"), std::string::npos);
  EXPECT_EQ(run_suite("--scale 0").exit_status(), 2);
}

TEST(BenchSuite, ListsTheWorkloads) {
  const ChildResult child = run_suite("--list");
  EXPECT_EQ(child.exit_status(), 0);
  EXPECT_EQ(split(trim(child.out), '\n').size(), 30u);
}

// Interrupted in its second round: what is printed and what is in the file is whole, and partial.
TEST(BenchSuite, WhatIsThereIsReportedWhenItIsInterrupted) {
  const TemporaryFolder folder;
  const std::string file = folder.file("json");
  ChildRequest request = tamari_request(kTiny + "--peers none --runs 1000 --json --save " + file);
  std::string script = "trap '' INT; \"$0\" \"$@\" & while ! grep -qs complete " +
                       shell_quote(file) + "; do sleep 0.05; done; kill -TERM $!; wait $!";
  request.argv.insert(request.argv.begin(), {"/bin/bash", "-c", script});
  const ChildResult child = run_child(request);
  EXPECT_EQ(child.exit_status(), 130) << child.err;
  for (const auto& json : {nlohmann::json::parse(child.out), read_json(file)}) {
    EXPECT_EQ(json["partial"], true);
    EXPECT_GE(json["rounds_complete"], 1);
    EXPECT_LT(json["rounds_complete"], 1000);
    EXPECT_EQ(json["rows"].size(), 2u);
  }
}

}  // namespace
}  // namespace tamari::lab
