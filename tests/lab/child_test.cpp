#include "lab/child.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tamari::lab
