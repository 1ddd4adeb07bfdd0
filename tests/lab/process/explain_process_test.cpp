// `tamari explain PID`: what is read from outside is what the library says from within, and adds up
// to VmRSS as the kernel divides it; and what it refuses.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "lab/child.h"
#include "lab/command_error.h"
#include "lab/process/process_memory.h"
#include "lab/process/process_snapshot.h"
#include "tests/lab/process/resting_process.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::json;

constexpr double kTolerance = 0.03;  // of the resident set

// Nothing moves by itself: what caches and free pages hold, they keep.
const std::string kStill = "background=off,check_first=0";

constexpr char kHasEnded[] = "has no memory to look at: it has ended or become another program";

RestingProcess under_library(const std::string& what, const std::string& settings) {
  return RestingProcess({RESTING_PROGRAM, what},
                        {{"LD_PRELOAD", TAMARI_LIBRARY}, {"TAMARI_CONF", settings}});
}

// Resident bytes of all mappings, and of the library's: those without reservation of swap.
struct Mappings {
  double all = 0;
  double ours = 0;
};

Mappings mappings_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps");
  Mappings sums;
  double resident = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("Rss:", 0) == 0) sums.all += resident = std::stod(line.substr(4)) * 1024;
    if (std::regex_search(line, std::regex("^VmFlags:.*\\bnr\\b"))) sums.ours += resident;
  }
  return sums;
}

void expect_near(const std::string& what, double value, double expected, double resident) {
  EXPECT_NEAR(value, expected, kTolerance * resident) << what << " of " << resident;
}

void expect_adds_up(const Snapshot& snapshot, pid_t pid) {
  const Mappings kernel = mappings_of(pid);
  double sum = 0;
  for (const auto& [name, bytes] : snapshot.layers) {
    if (name != "resident") sum += static_cast<double>(bytes.value_or(0));
  }
  const auto resident = static_cast<double>(snapshot.resident);
  const auto other = static_cast<double>(snapshot.bytes("other"));
  expect_near("the sum", sum, resident, resident);
  expect_near("the resident set", resident, kernel.all, kernel.all);
  expect_near("the library's part", resident - other, kernel.ours, kernel.all);
}

// Layer by layer as the process says itself, in the same settings.
Snapshot expect_as_from_within(const RestingProcess& process) {
  const Snapshot within = parse_snapshot(process.line(), "its own");
  const Snapshot outside = snapshot_of_process(process.pid());
  EXPECT_EQ(outside.version, within.version);
  EXPECT_EQ(outside.settings, within.settings);
  EXPECT_EQ(outside.layers.size(), within.layers.size());
  for (const auto& [name, bytes] : within.layers) {
    EXPECT_EQ(outside.is_known(name), bytes.has_value()) << name;
    expect_near(name, static_cast<double>(outside.bytes(name)),
                static_cast<double>(bytes.value_or(0)), static_cast<double>(within.resident));
  }
  expect_adds_up(outside, process.pid());
  return outside;
}

double share(const Snapshot& snapshot, const char* layer) {
  return static_cast<double>(snapshot.bytes(layer)) / static_cast<double>(snapshot.resident);
}

TEST(ExplainProcess, LiveBlocksWithHolesBetweenThem) {
  const RestingProcess process = under_library("live", kStill);
  const Snapshot snapshot = expect_as_from_within(process);
  EXPECT_GT(share(snapshot, "live"), 0.5);
  EXPECT_GT(share(snapshot, "free_blocks"), 0.1);
  EXPECT_FALSE(snapshot.is_known("rounding"));
}

TEST(ExplainProcess, SleepingThreadsThatHoldCaches) {
  const RestingProcess process = under_library("caches", kStill + ",remote_policy=direct");
  EXPECT_GT(share(expect_as_from_within(process), "thread_caches"), 0.1);
}

TEST(ExplainProcess, RemoteFreesInStashes) {
  const RestingProcess process =
      under_library("stashes", kStill + ",remote_policy=owner_stash,stash_bytes=1G,stash_limit=1M");
  EXPECT_GT(share(expect_as_from_within(process), "stashes"), 0.3);
}

TEST(ExplainProcess, ATransferCacheThatIsFull) {
  const RestingProcess process =
      under_library("stashes", kStill + ",remote_policy=direct,transfer_small_bytes=1G");
  EXPECT_GT(share(expect_as_from_within(process), "transfer_cache"), 0.1);
}

TEST(ExplainProcess, FreePagesAfterASpike) {
  const RestingProcess process = under_library("spike", kStill);
  EXPECT_GT(share(expect_as_from_within(process), "free_pages"), 0.5);
}

TEST(ExplainProcess, RequestsAndRoundingUnderEveryCheck) {
  const RestingProcess process = under_library("live", "background=off,check=all");
  const Snapshot snapshot = expect_as_from_within(process);
  EXPECT_GT(snapshot.bytes("rounding"), 0u);
  EXPECT_GT(snapshot.bytes("quarantine"), 0u);
}

TEST(ExplainProcess, ALibraryThatIsPartOfTheProgram) {
  const RestingProcess process({LINKED_PROGRAM, "live"}, {{"TAMARI_CONF", kStill}});
  expect_as_from_within(process);
}

TEST(ExplainProcess, LooksTwiceAndLeavesNoTrace) {
  const RestingProcess process = under_library("live", kStill);
  const Snapshot first = snapshot_of_process(process.pid());
  const Snapshot second = snapshot_of_process(process.pid());
  EXPECT_EQ(first.layers, second.layers);
}

TEST(ExplainProcess, IsACommandWithATreeAndJson) {
  const RestingProcess process = under_library("live", kStill);
  ChildRequest request;
  request.argv = {TAMARI_PROGRAM, "explain", std::to_string(process.pid())};
  const ChildResult tree = run_child(request);
  EXPECT_EQ(tree.exit_status(), 0) << tree.err;
  EXPECT_NE(tree.out.find("in force: decay_ms=1000, purge=dontneed, background=off\n"),
            std::string::npos)
      << tree.out;
  EXPECT_EQ(tree.out.find("add up"), std::string::npos) << tree.out;
  request.argv.push_back("--json");
  const ChildResult child = run_child(request);
  EXPECT_EQ(child.exit_status(), 0) << child.err;
  const Json json = Json::parse(child.out);
  EXPECT_EQ(json["schema"], "tamari.explain/1");
  double sum = 0;
  for (const Json& layer : json["layers"]) {
    if (!layer["bytes"].is_null()) sum += layer["bytes"].get<double>();
  }
  expect_near("the sum", sum, json["resident"], json["resident"]);
}

// --- What is refused -----------------------------------------------------------------------------

template <class Look>
void expect_refused(Look look, ExitStatus status, const std::string& message) {
  try {
    look();
    ADD_FAILURE() << "it was read, instead of: " << message;
  } catch (const CommandError& error) {
    EXPECT_EQ(error.status(), status);
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

void expect_process_refused(pid_t pid, ExitStatus status, const std::string& message) {
  expect_refused([pid] { snapshot_of_process(pid); }, status, message);
}

TEST(ExplainProcess, RefusesAProcessThatIsNotThere) {
  RestingProcess process = under_library("", kStill);
  const pid_t pid = process.pid();
  process.kill_only();
  expect_process_refused(pid, kHarness, kHasEnded);
  process.end();
  expect_process_refused(pid, kUsage, "there is no process " + std::to_string(pid));
}

TEST(ExplainProcess, RefusesAProcessOfAnotherAllocator) {
  const RestingProcess process({RESTING_PROGRAM}, {});
  expect_process_refused(process.pid(), kUsage, "does not run under tamari");
}

TEST(ExplainProcess, RefusesAProcessThatHasTheLibraryOnlyBesideItsMalloc) {
  const RestingProcess process({RESTING_PROGRAM, "beside", TAMARI_LIBRARY}, {});
  expect_process_refused(process.pid(), kUsage, "has the library, but takes no memory from it");
}

TEST(ExplainProcess, RefusesALibraryOfAnotherVersion) {
  const RestingProcess process({LATER_VERSION}, {});
  ASSERT_EQ(process.line(), "ready");
  expect_process_refused(process.pid(), kHarness, "runs under tamari 9.8.7, whose records");
}

TEST(ExplainProcess, SaysThatAProcessEndedWhileItWasLookedAt) {
  RestingProcess process = under_library("live", kStill);
  const ProcessMemory memory(process.pid());
  const std::uint64_t image = memory.images().at(0);
  EXPECT_EQ(memory.get<std::uint32_t>(image), 0x464c457fu);
  process.end();
  expect_refused([&] { memory.get<std::uint32_t>(image); }, kHarness, kHasEnded);
  expect_refused([&] { memory.page_states(image, 1); }, kHarness, kHasEnded);
  expect_refused([&] { memory.images(); }, kHarness, kHasEnded);
}

// As another user: process 1 is root's.
TEST(ExplainProcess, SaysThatThereIsNoPermission) {
  constexpr uid_t kNobody = 65534;
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setuid(kNobody) != 0) _exit(2);
    expect_process_refused(1, kHarness, "process 1 may not be looked into");
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace tamari::lab
