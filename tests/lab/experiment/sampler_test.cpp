// One sample at a time: what is read back from the child, and which samples count.
#include "lab/experiment/sampler.h"

#include "tests/lab/experiment/sampling.h"

namespace tamari::lab {
namespace {

using Samples = Sampling;

TEST_F(Samples, ReadSettingsAndCountersBackFromTheSample) {
  const Variable leaking("TAMARI_CONF", "stash_drain_limit=7,decay_ms=3");
  const ReadyArm arm = ready(TAMARI_LIBRARY, {"stash_drain_limit=64", "stash_bytes=2M"});
  const SampleRecord record = sample(arm, {SAMPLE_PROGRAM, "touch=4000"});
  EXPECT_EQ(record.failure, "");
  EXPECT_EQ(record.effective.at("stash_drain_limit"), "64");
  EXPECT_EQ(record.effective.at("stash_bytes"), "2097152");
  EXPECT_EQ(record.effective.at("decay_ms"), "1000");
  EXPECT_GT(record.counters.at("alloc_slow_calls"), 0);
  EXPECT_TRUE(record.owns_malloc);
  EXPECT_EQ(record.settings, (std::vector<std::string>{"stash_drain_limit=64", "stash_bytes=2M"}));
}

TEST_F(Samples, LetNoSettingsReachOtherAllocators) {
  const Variable leaking("TAMARI_CONF", "stash_drain_limit=7");
  const Variable other("MALLOC_ARENA_MAX", "1");
  const ReadyArm arm = ready("glibc");
  const SampleRecord record = sample(
      arm, {"/bin/sh", "-c", "test -z \"$TAMARI_CONF$MALLOC_ARENA_MAX$LD_PRELOAD\" || exit 9"});
  EXPECT_EQ(record.failure, "");
}

TEST_F(Samples, ProveEvenAShortSampleOfAnyLibrary) {
  const ReadyArm arm = ready(FAKE_LIBRARY);
  for (int i = 0; i < 20; ++i) {
    const SampleRecord record = sample(arm, {SAMPLE_PROGRAM});
    EXPECT_EQ(record.failure, "");
    EXPECT_TRUE(record.owns_malloc);
  }
}

TEST_F(Samples, FailASampleThatDropsThePreload) {
  const std::vector<std::string> command = {"/usr/bin/env", "-i", SAMPLE_PROGRAM, "sleep=50"};
  const SampleRecord other = sample(ready(FAKE_LIBRARY), command);
  EXPECT_TRUE(other.owns_malloc);  // of env itself, before it dropped it
  const SampleRecord ours = sample(ready(TAMARI_LIBRARY), command);
  EXPECT_HAS(ours.failure, "left no statistics");
}

TEST_F(Samples, FailASampleWithoutStatistics) {
  const SampleRecord record = sample(ready(TAMARI_LIBRARY), {SAMPLE_PROGRAM, "leave=0"});
  EXPECT_HAS(record.failure, "the program left no statistics of tamari's");
  EXPECT_TRUE(record.effective.empty());
  EXPECT_TRUE(record.counters.empty());
  EXPECT_EQ(record.exit_status, 0);
}

TEST_F(Samples, BlameTheProgramForItsOwnEnd) {
  const ReadyArm arm = ready(TAMARI_LIBRARY);
  EXPECT_EQ(sample(arm, {SAMPLE_PROGRAM, "abort="}).failure, "killed by Aborted");
  EXPECT_EQ(sample(arm, {SAMPLE_PROGRAM, "leave=4"}).failure, "exit status 4");
}

TEST_F(Samples, SumTheCountersOfAllProcesses) {
  const ReadyArm arm = ready(TAMARI_LIBRARY);
  const std::string one = std::string(SAMPLE_PROGRAM) + " touch=100";
  const SampleRecord once = sample(arm, {"/bin/bash", "-c", one + "; true"});
  const SampleRecord thrice =
      sample(arm, {"/bin/bash", "-c", one + "; " + one + "; " + one + "; true"});
  EXPECT_EQ(once.failure, "");
  EXPECT_EQ(thrice.counters.at("owners"), once.counters.at("owners") + 2);
  EXPECT_EQ(thrice.effective, once.effective);
}

// dash ends by _exit.
TEST_F(Samples, TakeTheStatisticsOfWhatAShellStarted) {
  const std::string script = std::string(SAMPLE_PROGRAM) + " touch=100 sleep=20; true";
  const SampleRecord record = sample(ready(TAMARI_LIBRARY), {"/bin/sh", "-c", script});
  EXPECT_EQ(record.failure, "");
  EXPECT_GT(record.counters.at("alloc_slow_calls"), 0);
}

TEST_F(Samples, TakeTheFiguresThatTheBenchmarkPrints) {
  const SampleRecord record =
      sample(ready(TAMARI_LIBRARY),
             {BENCH_PROGRAM, "--settle=1", "2", "20000", "100", "16", "1024", "50", "1024"}, true);
  EXPECT_EQ(record.failure, "");
  EXPECT_GT(record.metrics.at("ops"), 1000);
  EXPECT_GT(record.metrics.at("rss_settled_kib"), 100);
  EXPECT_GT(record.metrics.at("remote_pct_effective"), 10);
  EXPECT_EQ(record.metrics.at("failed_allocs"), 0);
  EXPECT_GT(record.metrics.at("wall_s"), record.metrics.at("seconds"));
  EXPECT_GT(record.counters.at("alloc_slow_calls"), 0);
}

TEST_F(Samples, FailWhenAnAllocationDid) {
  const SampleRecord record =
      sample(ready("glibc"), {SAMPLE_PROGRAM, "print=ops/s=5 failed_allocs=2"}, true);
  EXPECT_EQ(record.failure, "2 allocations failed");
}

TEST_F(Samples, FailWithoutTheBenchmarksLine) {
  const SampleRecord record = sample(ready("glibc"), {SAMPLE_PROGRAM, "print=hello"}, true);
  EXPECT_EQ(record.failure, "no ops/s= in its output: hello");
}

}  // namespace
}  // namespace tamari::lab
