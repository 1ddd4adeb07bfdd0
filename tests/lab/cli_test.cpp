// The `tamari` command as users meet it, with a stand-in where a library is needed.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/child.h"
#include "lab/text.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

ChildResult run_tamari(const std::string& arguments) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM};
  for (const std::string& word : split(arguments, ' ')) request.argv.push_back(word);
  request.timeout_s = 60;
  return run_child(request);
}

void expect_refusal(const std::string& arguments, int status, const std::string& message) {
  const ChildResult child = run_tamari(arguments);
  EXPECT_EQ(child.exit_status(), status) << arguments;
  EXPECT_NE(child.err.find(message), std::string::npos) << arguments << ": " << child.err;
  EXPECT_EQ(child.out, "") << arguments;
}

TEST(Cli, MisspeltWordsGetASuggestion) {
  expect_refusal("benhc", 2, "did you mean 'bench'?");
  expect_refusal("bench lanes --lnae main", 2, "did you mean '--lane'?");
  expect_refusal("bench lanes --lane mian", 2, "did you mean 'main'?");
  expect_refusal("bench lanes --peers glibbc", 2, "did you mean 'glibc'?");
  expect_refusal("run --sett a=b -- true", 2, "did you mean '--set'?");
}

TEST(Cli, NumbersAreChecked) {
  expect_refusal("bench lanes --iters 3x", 2, "whole number");
  expect_refusal("bench lanes --touch 3", 2, "from 0 to 2");
}

TEST(Cli, RunNeedsAProgram) { expect_refusal("run", 2, "PROGRAM is required"); }

TEST(Cli, RunRefusesWhatAPreloadCannotReach) {
  // Any ELF file stands for the library: the program is judged before it is preloaded.
  const std::string run = std::string("run --lib ") + TAMARI_PROGRAM + " -- ";
  expect_refusal(run + "no-such-program", 127, "not in PATH");
  expect_refusal(run + STATIC_PROGRAM, 126, "statically linked");
  expect_refusal(run + SANITIZER_PROGRAM, 126, "built with a sanitizer");
}

TEST(Cli, HelpFitsAScreenAndNamesTheStatuses) {
  for (const char* arguments : {"--help", "run --help", "doctor --help", "bench lanes --help",
                                "bench suite --help", "bench programs --help"}) {
    const ChildResult child = run_tamari(arguments);
    EXPECT_EQ(child.exit_status(), 0);
    EXPECT_LE(split(child.out, '\n').size(), 35u) << arguments;
    EXPECT_NE(child.out.find("Exit status:"), std::string::npos) << arguments;
  }
}

TEST(Cli, BenchLanesListsTheLanes) {
  const ChildResult child = run_tamari("bench lanes --list");
  EXPECT_EQ(child.exit_status(), 0);
  EXPECT_NE(child.out.find("larson_proxy"), std::string::npos);
}

const std::string kBenchLanes = std::string("bench lanes --lib ") + FAKE_LIBRARY + " ";

TEST(Cli, BenchLanesMeasuresEveryArm) {
  const TemporaryFolder folder;
  const std::string page = folder.file("page.html");
  const ChildResult child =
      run_tamari(kBenchLanes + "--peers glibc --lane guard_2t,larson_proxy --iters 2000 --runs 2 " +
                 "--set known=1 --json --html " + page);
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  ASSERT_EQ(json["lanes"].size(), 2u);
  EXPECT_EQ(json["lanes"][0]["arguments"][1], "2000");
  EXPECT_EQ(json["arms"][0]["settings"], "known=1");
  EXPECT_EQ(json["lanes"][0]["tamari_to_fastest_peer"]["peer"], "glibc");
  ASSERT_EQ(json["lanes"][0]["samples"].size(), 4u);
  for (const auto& sample : json["lanes"][0]["samples"]) {
    EXPECT_TRUE(sample["failure"].is_null()) << sample;
  }
  EXPECT_TRUE(std::filesystem::exists(page));
}

// The library is preloaded and owns malloc in every other program; only the sample can tell.
TEST(Cli, BenchLanesRefusesSamplesOfAProgramWithItsOwnMalloc) {
  const ChildResult child = run_tamari(
      kBenchLanes + "--peers none --lane guard_2t --iters 2000 --runs 2 --json --bench " +
      OWN_MALLOC_BENCH_PROGRAM);
  EXPECT_EQ(child.exit_status(), 1) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  ASSERT_EQ(json["lanes"][0]["samples"].size(), 2u);
  for (const auto& sample : json["lanes"][0]["samples"]) {
    EXPECT_EQ(sample["failure"], std::string("it called the malloc of ") +
                                     OWN_MALLOC_BENCH_PROGRAM + ", not the arm's");
    EXPECT_TRUE(sample["values"].is_null());
  }
}

TEST(Cli, BenchLanesRefusesBadSettings) {
  expect_refusal(kBenchLanes + "--peers none --set unknown=1", 2, "Did you mean known?");
}

TEST(Cli, BenchLanesRefusesALibraryThatDoesNotOwnMalloc) {
  const ChildResult child = run_tamari(kBenchLanes + "--peers glibc,stranger=" + TAMARI_PROGRAM +
                                       " --lane guard_2t --iters 1000 --runs 1");
  EXPECT_EQ(child.exit_status(), 1);
  EXPECT_NE(child.err.find("refused: stranger does not own malloc"), std::string::npos);
}

}  // namespace
}  // namespace tamari::lab
