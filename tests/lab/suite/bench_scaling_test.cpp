// `tamari bench scaling` as users meet it, at a tiny scale and with a stand-in for the library.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <fstream>

#include "lab/child.h"
#include "lab/text.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

ChildResult run_scaling(const std::string& arguments) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "bench", "scaling"};
  for (const std::string& word : split(arguments, ' ')) request.argv.push_back(word);
  request.timeout_s = 300;
  return run_child(request);
}

const std::string kTiny = std::string("--lib ") + FAKE_LIBRARY + " --scale 0.002 ";

TEST(BenchScaling, MeasuresEveryArmWithOneTo64Threads) {
  const TemporaryFolder folder;
  const ChildResult child =
      run_scaling(kTiny + "--only guard --peers glibc --runs 1 --json --html " +
                  folder.file("page.html") + " --save " + folder.file("json"));
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  EXPECT_EQ(json["kind"], "scaling");
  ASSERT_EQ(json["rows"].size(), 7u);
  double threads = 1;
  for (const auto& row : json["rows"]) {
    ASSERT_EQ(row["samples"].size(), 2u);
    for (const auto& sample : row["samples"]) {
      ASSERT_TRUE(sample["failure"].is_null()) << sample;
      EXPECT_EQ(sample["values"]["threads"], threads);
    }
    threads *= 2;
  }
  for (const auto& arm : json["series"][0]["arms"]) {
    EXPECT_EQ(arm["efficiency"].size(), 7u);
    EXPECT_EQ(arm["efficiency"][0], 1);
  }
  std::ifstream saved(folder.file("json"));
  EXPECT_EQ(nlohmann::json::parse(saved), json);
  EXPECT_TRUE(std::filesystem::exists(folder.file("page.html")));
}

TEST(BenchScaling, PrintsMarkdown) {
  const ChildResult child = run_scaling(kTiny + "--only larson_proxy --peers none --runs 1 --md");
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_EQ(child.out.rfind("## tamari bench scaling\n", 0), 0u) << child.out;
  EXPECT_NE(child.out.find("| larson_proxy | 64 |"), std::string::npos) << child.out;
}

TEST(BenchScaling, MisspeltWordsGetASuggestion) {
  const ChildResult row = run_scaling("--only gard");
  EXPECT_EQ(row.exit_status(), 2);
  EXPECT_NE(row.err.find("no lane is called 'gard'; did you mean 'guard'?"), std::string::npos)
      << row.err;
  EXPECT_NE(run_scaling("--quik").err.find("did you mean '--quick'?"), std::string::npos);
  EXPECT_EQ(run_scaling("--runs 0").exit_status(), 2);
}

TEST(BenchScaling, ListsTheLanes) {
  const ChildResult child = run_scaling("--list");
  EXPECT_EQ(child.exit_status(), 0);
  EXPECT_EQ(split(trim(child.out), '\n').size(), 3u);
}

}  // namespace
}  // namespace tamari::lab
