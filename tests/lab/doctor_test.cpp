// `tamari doctor`: the library, its settings, this environment, and programs that a preload reaches
// or does not. A process that runs: process/doctor_process_test.cpp.
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "lab/child.h"
#include "lab/control_group.h"
#include "lab/doctor/diagnosis.h"
#include "lab/elf_file.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

ChildResult run_doctor(const Words& words, const std::vector<EnvironmentChange>& environment = {}) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "doctor"};
  request.argv.insert(request.argv.end(), words.begin(), words.end());
  request.environment = {{kPreloadVariable, std::nullopt}, {kSettingsVariable, std::nullopt}};
  for (const EnvironmentChange& change : environment) request.environment.push_back(change);
  return run_child(request);
}

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in:\n" << text;
}

// One line has them all.
void expect_line(const ChildResult& child, const std::string& start, const std::string& part) {
  const std::size_t at = child.out.find(start);
  ASSERT_NE(at, std::string::npos) << "no '" << start << "' in:\n" << child.out << child.err;
  expect_in(child.out.substr(at, child.out.find('\n', at) - at), part);
}

void expect_fail(const Words& words, int status, const std::string& start,
                 const std::string& part) {
  const ChildResult child = run_doctor(words);
  EXPECT_EQ(child.exit_status(), status) << child.out << child.err;
  expect_line(child, "fail  " + start, part);
}

TEST(Doctor, FindsAllWellWithoutAProgram) {
  const ChildResult child = run_doctor({});
  EXPECT_EQ(child.exit_status(), 0) << child.out << child.err;
  EXPECT_EQ(child.err, "");
  expect_line(child, "  ok  library", read_elf(TAMARI_LIBRARY)->build_id);
  for (const char* function :
       {"malloc", "calloc", "realloc", "aligned_alloc", "free", "free_sized", "operator_new"}) {
    expect_line(child, "  ok  ownership", std::string(" ") + function);
  }
  expect_line(child, "  ok  settings", "all are the defaults");
  expect_line(child, "  ok  here", "not in force without `tamari run`: malloc is that of /");
  expect_line(child, "  ok  kernel", "OS pages of 4.0 KiB");
  expect_in(child.out, "  huge pages     ");
  expect_in(child.out, "  ok  control group");
}

TEST(Doctor, AGoodProgramKeepsItsArguments) {
  for (const Words& words : {Words{"ls", "--json", "-l"}, Words{"--", "ls", "-l"}}) {
    const ChildResult child = run_doctor(words);
    EXPECT_EQ(child.exit_status(), 0) << child.out << child.err;
    expect_line(child, "  ok  program", "/ls: nothing in it keeps a preload out");
  }
}

TEST(Doctor, KnowsWhetherItIsInForceHere) {
  expect_line(run_doctor({}, {{kPreloadVariable, TAMARI_LIBRARY}}), "  ok  here", "in force: ");
  const TemporaryFolder folder;
  const std::string copy = folder.file("other.so");
  std::filesystem::copy_file(TAMARI_LIBRARY, copy);
  expect_line(run_doctor({}, {{kPreloadVariable, copy}}), "warn  here",
              "another file of tamari's is in force, " + copy);
  const ChildResult child = run_doctor({}, {{kPreloadVariable, "/no/such/libtamari.so.1"}});
  EXPECT_EQ(child.exit_status(), 0) << child.out;
  expect_line(child, "warn  here", "although LD_PRELOAD=/no/such/libtamari.so.1");
}

TEST(Doctor, EachObstacleHasItsStatus) {
  const TemporaryFolder folder;
  const std::string copy = folder.file("copy");
  std::filesystem::copy_file(TAMARI_PROGRAM, copy);
  chmod(copy.c_str(), 04755);
  expect_fail({copy}, 12, "program", "is set-uid");
  chmod(copy.c_str(), 0644);
  expect_fail({copy}, 126, "program", "is not executable");
  chmod(copy.c_str(), 0755);
  constexpr std::streamoff kMachineOffset = 18;
  std::fstream(copy, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(kMachineOffset)
      .put(static_cast<char>(EM_AARCH64));
  expect_fail({copy}, 13, "program", "64-bit AArch64, the library is");
  expect_fail({STATIC_PROGRAM}, 11, "program", "statically linked");
  expect_fail({OWN_MALLOC_PROGRAM}, 14, "program", "its own malloc");
  expect_fail({SANITIZER_PROGRAM}, 15, "program", "built with a sanitizer");
  expect_fail({"no-such-program"}, 127, "program", "not in PATH");
}

TEST(Doctor, ALibraryThatCannotServeHasItsStatus) {
  expect_fail({"--lib", "/no/such.so"}, 16, "library", "no such file");
  expect_fail({"--lib", "/etc/passwd"}, 16, "library", "is not tamari's library");
  expect_fail({"--lib", FAKE_LIBRARY}, 16, "library", "is not tamari's library");
}

TEST(Doctor, NamesTheSettingThatWasMeant) {
  const ChildResult child = run_doctor({"--set", "decay_ms=200"},
                                       {{kSettingsVariable, "idle_ms=100,stash_drain_limt=64"}});
  EXPECT_EQ(child.exit_status(), 10) << child.out << child.err;
  expect_line(child, "fail  settings", "stash_drain_limt is not a setting");
  expect_line(child, "fail  settings", "did you mean stash_drain_limit?");
  expect_in(child.out, "  ok  settings       decay_ms=200, from --set\n");
  expect_in(child.out, "  ok  settings       idle_ms=100, from TAMARI_CONF\n");
}

TEST(Doctor, SurvivesAStrictRefusal) {
  const ChildResult child = run_doctor({}, {{kSettingsVariable, "strict=1,idle_ms=never"}});
  EXPECT_EQ(child.exit_status(), 10) << child.out << child.err;
  expect_line(child, "fail  settings", "idle_ms=never is not allowed; use 0 to 3600000 ms");
}

TEST(Doctor, JsonIsOneObject) {
  const ChildResult child = run_doctor({"--json", "--set", "idle_ms=100", STATIC_PROGRAM});
  EXPECT_EQ(child.exit_status(), 11) << child.err;
  const Json json = Json::parse(child.out);
  EXPECT_EQ(json["schema"], "tamari.doctor/1");
  EXPECT_EQ(json["status"], 11);
  EXPECT_EQ(json["library"]["build_id"], read_elf(TAMARI_LIBRARY)->build_id);
  EXPECT_EQ(identify(json["library"]["owners"]["free_sized"]), identify(TAMARI_LIBRARY));
  EXPECT_EQ(json["settings"][0]["name"], "idle_ms");
  EXPECT_EQ(json["settings"][0]["origin"], "--set");
  EXPECT_EQ(json["machine"]["os_page_bytes"], getpagesize());
  EXPECT_EQ(json["findings"].back()["health"], "fail");
}

TEST(Doctor, RefusesBadUsage) {
  const auto expect_usage = [](const Words& words, const std::string& message) {
    const ChildResult child = run_doctor(words);
    EXPECT_EQ(child.exit_status(), 2) << child.out;
    EXPECT_EQ(child.out, "");
    expect_in(child.err, message);
  };
  expect_usage({"--jsn"}, "did you mean '--json'?");
  expect_usage({"--pid"}, "--pid");
  expect_usage({"--pid", "me"}, "'me' must be a whole number");
  expect_usage({"--pid", "0"}, "must be a whole number from 1");
  expect_usage({"--pid", "1", "ls"}, "--pid excludes PROGRAM");
  expect_usage({"--pid", "1", "--set", "idle_ms=1"}, "--pid excludes --set");
  expect_usage({"--set", "idle_ms", "ls"}, "give key=value");
}

Diagnosis with_huge_pages(const std::string& words) {
  Diagnosis diagnosis;
  diagnosis.huge_pages = words;
  judge_huge_pages(diagnosis);
  return diagnosis;
}

TEST(Doctor, WarnsOfHugePagesThatNobodyAskedFor) {
  EXPECT_EQ(with_huge_pages("always [madvise] never").count(Health::kWarn), 0u);
  const Diagnosis always = with_huge_pages("[always] madvise never");
  EXPECT_EQ(always.count(Health::kWarn), 1u);
  EXPECT_EQ(always.status(), 0);
}

TEST(ControlGroup, TheTightestOfAllGroupsCounts) {
  const TemporaryFolder root;
  std::filesystem::create_directories(root.file("a/b"));
  EXPECT_FALSE(group_limits(root.file(""), "/a/b").readable);
  root.write("a/memory.max", "1048576\n");
  root.write("a/b/memory.max", "max\n");
  root.write("a/b/cpu.max", "150000 100000\n");
  root.write("a/cpu.max", "max 100000\n");
  const GroupLimits limits = group_limits(root.file(""), "/a/b");
  EXPECT_TRUE(limits.readable);
  EXPECT_EQ(limits.memory_bytes, 1048576u);
  EXPECT_EQ(limits.cpus, 1.5);
  EXPECT_FALSE(group_limits(root.file(""), "/").readable);
}

}  // namespace
}  // namespace tamari::lab
