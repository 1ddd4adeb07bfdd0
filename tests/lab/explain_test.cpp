// `tamari explain`: what it makes of a snapshot, what it refuses, and a program under the library.
// A process that runs: process/explain_process_test.cpp.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/child.h"
#include "lab/command_error.h"
#include "lab/explain.h"
#include "lab/preload.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::json;

Json example() {
  constexpr std::uint64_t kMiB = 1 << 20;
  return {{"schema", 1},
          {"version", "0.1.0"},
          {"effective", {{"idle_ms", 500}, {"thread_cache_bytes", 8388608}, {"check", "off"}}},
          {"counters", {{"owners", 3}}},
          {"layers",
           {{"live", 50 * kMiB},
            {"rounding", nullptr},
            {"quarantine", 0},
            {"free_blocks", 20 * kMiB},
            {"thread_caches", 10 * kMiB},
            {"stashes", 0},
            {"transfer_cache", 5 * kMiB},
            {"free_pages", 5 * kMiB},
            {"metadata", kMiB / 2},
            {"other", 9 * kMiB + kMiB / 2},
            {"resident", 100 * kMiB}}}};
}

Snapshot snapshot_of(const Json& json) { return parse_snapshot(json.dump(), "it"); }

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in:\n" << text;
}

void expect_refused(const std::string& text, const std::string& message) {
  try {
    parse_snapshot(text, "it");
    ADD_FAILURE() << "taken: " << text;
  } catch (const CommandError& error) {
    EXPECT_EQ(error.status(), kUsage);
    expect_in(error.what(), message);
  }
}

TEST(Explain, PrintsATreeWithWhatToDo) {
  const std::string text = explain_as_text(snapshot_of(example()));
  expect_in(text, "resident 100.0 MiB, under tamari 0.1.0\n");
  expect_in(text, " ├─ live blocks, with rounding        50.0 MiB  50.0 %\n");
  expect_in(text, "their rounding to size classes     unknown\n");
  expect_in(text, "in force: thread_cache_bytes=8M, idle_ms=500\n");
  expect_in(text, " └─ not malloc");
  EXPECT_EQ(text.find("freed blocks under check"), std::string::npos);
  EXPECT_EQ(text.find("add up"), std::string::npos);
}

TEST(Explain, TellsRequestsFromRoundingWhereTheyAreKnown) {
  Json json = example();
  json["layers"]["rounding"] = 5 << 20;
  json["layers"]["live"] = 45 << 20;
  json["layers"]["quarantine"] = 1;
  const std::string text = explain_as_text(snapshot_of(json));
  expect_in(text, "live blocks, as requested");
  expect_in(text, "freed blocks under check");
}

TEST(Explain, SaysWhenTheLayersDoNotAddUp) {
  Json json = example();
  json["layers"]["live"] = 60 << 20;
  expect_in(explain_as_text(snapshot_of(json)), "The layers add up to 110.0 MiB");
}

TEST(Explain, JsonKeepsTheUnknownNull) {
  const Json json = Json::parse(explain_as_json(snapshot_of(example())));
  EXPECT_EQ(json["schema"], "tamari.explain/1");
  EXPECT_EQ(json["resident"], 100 << 20);
  ASSERT_EQ(json["layers"].size(), 10u);
  EXPECT_EQ(json["layers"][0]["share"], 0.5);
  EXPECT_TRUE(json["layers"][1]["bytes"].is_null());
  EXPECT_EQ(json["layers"][4]["settings"]["idle_ms"], "500");
}

TEST(Explain, RefusesWhatIsNoSnapshot) {
  expect_refused("", "not JSON");
  expect_refused("tamari 0.1.0 statistics\n", "not JSON");
  expect_refused("[1]", "not a snapshot of tamari");
  expect_refused(R"({"schema":"x"})", "not a snapshot of tamari");
  expect_refused(R"({"schema":2,"version":"9.0"})", "has schema 2, and this tamari reads schema 1");
  expect_refused(R"({"schema":1,"version":"0.0.9","counters":{}})", "tamari 0.0.9 is too old");
  for (const Json& wrong : {Json("x"), Json(-1), Json(0.5)}) {
    Json json = example();
    json["layers"]["live"] = wrong;
    expect_refused(json.dump(), "damaged");
  }
  Json json = example();
  for (Json& layer : json["layers"]) layer = nullptr;
  expect_refused(json.dump(), "does not say what is resident");
}

ChildResult run_explain(const std::vector<std::string>& words) {
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "explain"};
  request.argv.insert(request.argv.end(), words.begin(), words.end());
  request.environment = {{kPreloadVariable, std::nullopt}, {kSettingsVariable, std::nullopt}};
  return run_child(request);
}

void expect_status(const std::vector<std::string>& words, int status, const std::string& message) {
  const ChildResult child = run_explain(words);
  EXPECT_EQ(child.exit_status(), status) << child.err;
  expect_in(child.err, message);
  EXPECT_EQ(child.out, "");
}

TEST(Explain, ReadsAFile) {
  const TemporaryFolder folder;
  const ChildResult child = run_explain({folder.write("a.json", example().dump())});
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  expect_in(child.out, "resident 100.0 MiB");
}

TEST(Explain, SaysWhatIsWrongWithTheArguments) {
  const TemporaryFolder folder;
  expect_status({}, 2, "give PID, FILE, or -- PROGRAM ARGS");
  expect_status({folder.file("none.json")}, 2, "No such file");
  expect_status({folder.file("")}, 2, "Is a directory");
  expect_status({"999999999"}, 2, "there is no process 999999999");
  expect_status({"99999999999999999999"}, 2, "there is no process 99999999999999999999");
  expect_status({"./4711"}, 2, "cannot read ./4711: No such file");
  expect_status({"--lib", "x.so", "4711"}, 2, "are for a program");
  expect_status({"-"}, 2, "standard input is not JSON");
  expect_status({"a.json", "b.json"}, 2, "give one PID or FILE");
  expect_status({"a.json", "--", "true"}, 2, "unknown word 'true'");
  expect_status({"--set", "idle_ms=1", "a.json"}, 2, "are for a program");
  expect_status({"--lib", TAMARI_LIBRARY, "--", "no-such-program"}, 127, "not in PATH");
}

TEST(Explain, RunsAProgram) {
  const ChildResult child = run_explain({"--json", "--lib", TAMARI_LIBRARY, "--", "env", "-0"});
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  const std::size_t json = child.out.find("{\n \"schema\"");
  ASSERT_NE(json, std::string::npos) << child.out;
  EXPECT_GT(Json::parse(child.out.substr(json))["resident"], 1 << 20);
}

TEST(Explain, SaysHowAProgramEnded) {
  const std::vector<std::string> start = {"--lib", TAMARI_LIBRARY, "--"};
  const auto with = [&start](std::vector<std::string> words) {
    words.insert(words.begin(), start.begin(), start.end());
    return words;
  };
  const ChildResult failed = run_explain(with({"ls", "/no/such/folder"}));
  EXPECT_EQ(failed.exit_status(), 1) << failed.err;
  expect_in(failed.err, "ls ended with status 2");
  expect_in(failed.out, "not malloc");
  expect_status(with({"sh", "-c", "kill -9 $$"}), 3, "sh left no snapshot: it ended by signal 9");
}

}  // namespace
}  // namespace tamari::lab
