// `tamari bench programs`: its list, its arguments, one real program at a tiny scale, and a script
// that is told of an allocator which the program does not call.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/child.h"
#include "lab/elf_check.h"
#include "lab/text.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

ChildRequest programs_request(const std::string& arguments) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "bench", "programs"};
  for (const std::string& word : split(arguments, ' ')) request.argv.push_back(word);
  request.timeout_s = 120;
  return request;
}

ChildResult run_programs(const std::string& arguments) {
  return run_child(programs_request(arguments));
}

TEST(BenchPrograms, ListsOneScriptForEach) {
  const ChildResult child = run_programs("--list");
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  const std::vector<std::string> lines = split(trim(child.out), '\n');
  EXPECT_EQ(lines.size(), 12u) << child.out;
  for (const char* name : {"redis", "postgres", "gplusplus", "z3_solver"}) {
    EXPECT_NE(child.out.find(name), std::string::npos) << name;
  }
}

TEST(BenchPrograms, MisspeltNamesGetASuggestion) {
  const ChildResult child = run_programs("--only redsi");
  EXPECT_EQ(child.exit_status(), 2);
  EXPECT_NE(child.err.find("did you mean 'redis'?"), std::string::npos) << child.err;
}

TEST(BenchPrograms, MeasuresARealProgramOrSaysHowToInstallIt) {
  const ChildResult child =
      run_programs(std::string("--only sqlite --scale 0.01 --runs 1 --json --peers glibc --lib ") +
                   TAMARI_LIBRARY);
  ASSERT_EQ(child.exit_status(), 0) << child.err;
  const auto json = nlohmann::json::parse(child.out);
  if (!find_program("sqlite3")) {
    EXPECT_EQ(json["missing_rows"][0]["reason"], "not installed: apt install sqlite3");
    return;
  }
  ASSERT_EQ(json["rows"][0]["samples"].size(), 2u);
  for (const auto& sample : json["rows"][0]["samples"]) {
    EXPECT_TRUE(sample["failure"].is_null()) << sample;
  }
  EXPECT_EQ(json["rows"][0]["tamari_to_best_peer_time"]["peer"], "glibc");
}

TEST(BenchPrograms, AProgramThatIsNotInstalledIsALineThatSaysHow) {
  const std::string python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) GTEST_SKIP() << python << " is not installed";
  const TemporaryFolder folder;
  std::filesystem::create_symlink(python, folder.file("python3"));
  ChildRequest request =
      programs_request(std::string("--only redis,sqlite --peers none --lib ") + TAMARI_LIBRARY);
  request.environment = {{"PATH", std::filesystem::path(folder.file("python3")).parent_path()}};
  const ChildResult child = run_child(request);
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  EXPECT_NE(child.out.find("not installed: apt install redis-server redis-tools"),
            std::string::npos)
      << child.out;
  EXPECT_NE(child.out.find("not installed: apt install sqlite3"), std::string::npos);
}

TEST(BenchPrograms, AProgramThatDoesNotCallTheAllocatorHasNoFigure) {
  const auto python = find_program("python3");
  if (!python || !find_program("sqlite3")) GTEST_SKIP() << "sqlite3 or python3 is not installed";
  ChildRequest request;
  request.argv = {*python, PROGRAMS "/sqlite.py", "run"};
  request.environment = {{"BENCH_LIBRARY", TAMARI_LIBRARY}, {"BENCH_SCALE", "0.01"}};
  const ChildResult child = run_child(request);
  EXPECT_EQ(child.exit_status(), 1);
  EXPECT_EQ(child.out, "");
  EXPECT_NE(child.err.find("malloc of sqlite3 is that of"), std::string::npos) << child.err;
}

}  // namespace
}  // namespace tamari::lab
