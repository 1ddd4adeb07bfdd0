#include "lab/child.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "lab/cpu_list.h"
#include "lab/spawner.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

ChildRequest shell(const std::string& script) {
  ChildRequest request;
  request.argv = {"/bin/sh", "-c", script};
  return request;
}

TEST(RunChild, CollectsBothStreamsAndTheStatus) {
  const ChildResult child = run_child(shell("echo out; echo err >&2; exit 7"));
  EXPECT_EQ(child.out, "out\n");
  EXPECT_EQ(child.err, "err\n");
  EXPECT_EQ(child.exit_status(), 7);
  EXPECT_EQ(child.failure(), "exit status 7: err");
}

TEST(RunChild, TakesMoreOutputThanAPipeHolds) {
  EXPECT_EQ(run_child(shell("head -c 300000 /dev/zero")).out.size(), 300'000u);
}

TEST(RunChild, SetsAndRemovesVariables) {
  ChildRequest request = shell("echo \"$SET_HERE/${HOME-removed}\"");
  request.environment = {{"SET_HERE", "value"}, {"HOME", std::nullopt}};
  EXPECT_EQ(run_child(request).out, "value/removed\n");
}

TEST(RunChild, KillsAtTheLimit) {
  ChildRequest request = shell("exec sleep 30");
  request.timeout_s = 0.2;
  const ChildResult child = run_child(request);
  EXPECT_TRUE(child.timed_out);
  EXPECT_NE(child.failure().find("timed out"), std::string::npos);
}

TEST(RunChild, SeesWhatIsMapped) {
  ChildRequest request = shell("sleep 0.3");
  request.must_map = identify("/bin/sh");
  EXPECT_TRUE(run_child(request).mapped);
  request.must_map = identify("/proc/self/exe");
  EXPECT_FALSE(run_child(request).mapped);
}

TEST(RunChild, SaysWhatCannotBeRun) {
  ChildRequest request;
  request.argv = {"/no/such/program"};
  EXPECT_NE(run_child(request).failure().find("cannot run /no/such/program"), std::string::npos);
}

// The process whose number the child printed; waits a little for a signal to arrive.
bool still_runs(const ChildResult& child) {
  const std::string status = "/proc/" + trim(child.out) + "/status";
  for (int i = 0; i < 200; ++i) {
    std::ifstream file(status);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty() || text.find("State:\tZ") != std::string::npos) return false;
    usleep(10'000);
  }
  return true;
}

TEST(RunChild, KillsAtTheLimitWhateverTheChildStarted) {
  ChildRequest request = shell("sleep 60 & echo $!; sleep 60");
  request.timeout_s = 0.5;
  const ChildResult child = run_child(request);
  EXPECT_TRUE(child.timed_out);
  EXPECT_FALSE(still_runs(child));
}

TEST(RunChild, EndsWithTheChildAndKillsWhatItLeftBehind) {
  const ChildResult child = run_child(shell("sleep 60 & echo $!"));
  EXPECT_EQ(child.failure(), "");
  EXPECT_LT(child.wall_s, 30);
  EXPECT_FALSE(still_runs(child));
}

TEST(RunChild, WaitsForAChildThatHasClosedItsStreams) {
  const ChildResult child = run_child(shell("exec >&- 2>&-; sleep 0.2; exit 5"));
  EXPECT_EQ(child.exit_status(), 5);
  EXPECT_GT(child.wall_s, 0.19);
}

TEST(RunChild, ReportsWhatTheChildUsed) {
  const auto child = run_child(shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"));
  ASSERT_TRUE(child.usage.has_value());
  EXPECT_GT(child.usage->user_s, 0.005);
  EXPECT_LT(child.usage->user_s + child.usage->system_s, child.wall_s + 0.02);
  EXPECT_GT(child.usage->peak_kib, 500);
  EXPECT_GT(child.usage->minor_faults, 10);
  EXPECT_GT(child.pid, 0);
}

TEST(RunChild, FailsAFlood) {
  const ChildResult child = run_child(shell("head -c 100000000 /dev/zero"));
  EXPECT_LT(child.out.size(), 80'000'000u);
  EXPECT_EQ(child.failure(), "printed more than 64 MiB: send it to a file");
}

// As a scheduler ends a job: one process after the other.
void expect_interruption(const std::string& end_of_child) {
  const auto act = [&] {
    catch_interrupts();
    std::signal(SIGALRM, [](int) { std::raise(SIGTERM); });
    ualarm(200'000, 0);
    std::_Exit(run_child(shell(end_of_child)).failure() == "interrupted" ? 0 : 1);
  };
  EXPECT_EXIT(act(), testing::ExitedWithCode(0), "") << end_of_child;
}

TEST(RunChild, ThatIsEndedJustBeforeThisProcessWasInterrupted) {
  expect_interruption("kill -TERM $$");
  expect_interruption("kill -KILL $$");
  expect_interruption("exit 143");  // what a shell says of a program that was terminated
}

TEST(RunChild, ThatIsEndedFromOutsideAloneHasFailed) {
  EXPECT_EQ(run_child(shell("kill -TERM $$")).failure(), "killed by Terminated");
}

TEST(RunChild, BindsToCpus) {
  ChildRequest request = shell("grep Cpus_allowed_list /proc/self/status");
  const std::string all = format_cpu_list(allowed_cpu_set());
  const std::string first = all.substr(0, all.find_first_of(",-"));
  request.cpus = parse_cpu_list(first);
  EXPECT_EQ(run_child(request).out, "Cpus_allowed_list:\t" + first + "\n");
}

// What wait4 says of a child that this process forked itself would be above 100 MiB.
TEST(Spawner, KeepsTheSizeOfThisProcessOutOfThePeak) {
  Spawner spawner;
  const std::vector<char> large(100 << 20, 'x');
  ChildRequest request = shell("exec sleep 0");
  request.spawner = &spawner;
  const ChildResult child = run_child(request);
  EXPECT_EQ(child.failure(), "");
  EXPECT_LT(child.usage->peak_kib, 50'000);
  EXPECT_EQ(large.back(), 'x');
}

TEST(Spawner, StartsOneChildAfterAnother) {
  Spawner spawner;
  for (int i = 0; i < 5; ++i) {
    ChildRequest request = shell("echo $NUMBER; exit $NUMBER");
    request.environment = {{"NUMBER", std::to_string(i)}};
    request.spawner = &spawner;
    const ChildResult child = run_child(request);
    EXPECT_EQ(child.exit_status(), i);
    EXPECT_EQ(child.out, std::to_string(i) + "\n");
  }
}

}  // namespace
}  // namespace tamari::lab
