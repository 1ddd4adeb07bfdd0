// `tamari bench growth` as users meet it, at a tiny scale and with a stand-in for the library.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <fstream>

#include "lab/child.h"
#include "lab/text.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

ChildResult run_growth(const std::string& arguments) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "bench", "growth"};
  for (const std::string& word : split(arguments, ' ')) request.argv.push_back(word);
  request.timeout_s = 300;
  return run_child(request);
}

const std::string kTiny = std::string("--lib ") + FAKE_LIBRARY + " --quick --scale 0.002 ";

TEST(BenchGrowth, MeasuresEveryArmOnEveryChosenDimension) {
  const TemporaryFolder folder;
  const ChildResult child =
      run_growth(kTiny + "--only classes,threads --peers glibc --runs 2 --json --html " +
                 folder.file("page.html") + " --save " + folder.file("json"));
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  EXPECT_EQ(json["kind"], "growth");
  EXPECT_EQ(json["rounds_complete"], 2);
  ASSERT_EQ(json["series"].size(), 2u);
  EXPECT_EQ(json["series"][0]["name"], "threads") << "in the order of the program";
  ASSERT_EQ(json["rows"].size(), 6u);
  EXPECT_EQ(json["rows"][2]["name"], "threads 1000");
  for (const auto& row : json["rows"]) {
    EXPECT_EQ(row["samples"].size(), 4u);
    for (const auto& sample : row["samples"]) EXPECT_TRUE(sample["failure"].is_null()) << sample;
  }
  for (const auto& arm : json["series"][1]["arms"]) EXPECT_GE(arm["spread"]["ratio"], 1) << arm;
  std::ifstream saved(folder.file("json"));
  EXPECT_EQ(nlohmann::json::parse(saved), json);
  EXPECT_TRUE(std::filesystem::exists(folder.file("page.html")));
  EXPECT_NE(child.err.find("round 2/2: classes 96"), std::string::npos) << child.err;
}

TEST(BenchGrowth, PrintsMarkdown) {
  const ChildResult child = run_growth(kTiny + "--only short_threads --peers none --runs 1 --md");
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_EQ(child.out.rfind("## tamari bench growth\n", 0), 0u) << child.out;
  EXPECT_NE(child.out.find("| short_threads | tamari |"), std::string::npos);
}

TEST(BenchGrowth, AFailedCheckGivesNoFigure) {
  const ChildResult child =
      run_growth(std::string("--quick --scale 0.02 --only classes --runs 1 --json ") + "--lib " +
                 FAKE_LIBRARY + " --peers broken=" + BROKEN_LIBRARY);
  EXPECT_EQ(child.exit_status(), 1) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  const auto& all_classes = json["rows"][2];
  for (const auto& sample : all_classes["samples"]) {
    EXPECT_EQ(sample["values"].is_null(), sample["arm"] == "broken") << sample;
  }
}

TEST(BenchGrowth, MisspeltWordsGetASuggestion) {
  const ChildResult row = run_growth("--only heep");
  EXPECT_EQ(row.exit_status(), 2);
  EXPECT_NE(row.err.find("no dimension is called 'heep'; did you mean 'heap'?"), std::string::npos)
      << row.err;
  EXPECT_NE(run_growth("--quik").err.find("did you mean '--quick'?"), std::string::npos);
  EXPECT_EQ(run_growth("--scale 0").exit_status(), 2);
  EXPECT_EQ(run_growth("--latency").exit_status(), 2);
}

TEST(BenchGrowth, ListsTheDimensions) {
  const ChildResult child = run_growth("--list");
  EXPECT_EQ(child.exit_status(), 0);
  EXPECT_EQ(split(trim(child.out), '\n').size(), 4u);
}

}  // namespace
}  // namespace tamari::lab
