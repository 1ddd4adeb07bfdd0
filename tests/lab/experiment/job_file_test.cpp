// The job files of `tamari sweep --emit`. That real schedulers take them: scheduler_test.sh.
#include "lab/experiment/job_file.h"

#include <gtest/gtest.h>

#include "lab/child.h"
#include "lab/command_error.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

JobRequest request() {
  return {"/opt/tamari", "/home/a b/drain.toml", "", "/shared/drain", "/home/a b", 3};
}

Plan plan(bool winners) {
  Plan made;
  made.name = "Stash_Drain.";
  made.stages.push_back({"screen", 10, {}, {}, false, false});
  if (winners) made.stages.push_back({"replay", 21, {}, {}, true, false});
  return made;
}

bool parses(const std::string& script) {
  const TemporaryFolder folder;
  ChildRequest bash;
  bash.argv = {"/bin/bash", "-n", folder.write("job", script)};
  return run_child(bash).failure().empty();
}

TEST(JobFile, SlurmRunsAnArrayAndThenTheJoining) {
  const std::string text = job_file("slurm", request(), plan(false));
  EXPECT_TRUE(parses(text)) << text;
  EXPECT_HAS(text, "--job-name=stash-drain --array=1-3 --exclusive");
  EXPECT_HAS(text, "--chdir='/home/a b' --output=/shared/drain/shard-%a.log");
  EXPECT_HAS(text,
             "exec /opt/tamari sweep '/home/a b/drain.toml' --shard \"$SLURM_ARRAY_TASK_ID\"/3 "
             "--out /shared/drain/shard-\"$SLURM_ARRAY_TASK_ID\"\n");
  EXPECT_HAS(text, "--dependency=\"afterok:${shards%%;*}\"");
  EXPECT_HAS(text,
             "/opt/tamari sweep --merge /shared/drain/shard-1 /shared/drain/shard-2 "
             "/shared/drain/shard-3 --out /shared/drain/result\n");
}

TEST(JobFile, WinnersAreReplayedFromTheJoinedFolder) {
  EXPECT_HAS(job_file("slurm", request(), plan(true)),
             "--out /shared/drain/result; /opt/tamari sweep --resume /shared/drain/result\n");
}

TEST(JobFile, ParallelHasALineForEachShard) {
  JobRequest wanted = request();
  wanted.library = "/opt/libtamari.so.1";
  const std::string text = job_file("parallel", wanted, plan(false));
  EXPECT_TRUE(parses(text)) << text;
  EXPECT_HAS(text, "parallel --jobs 1 --sshloginfile MACHINES < THIS_FILE");
  EXPECT_HAS(text,
             "\ncd '/home/a b' && /opt/tamari sweep '/home/a b/drain.toml' --lib "
             "/opt/libtamari.so.1 --shard 3/3 "
             "--out /shared/drain/shard-3\n");
}

TEST(JobFile, KubernetesCountsFromNought) {
  const std::string text = job_file("k8s", request(), plan(false));
  EXPECT_HAS(text, "  name: stash-drain\n");
  EXPECT_HAS(text, "completionMode: Indexed\n  completions: 3\n  parallelism: 3\n");
  EXPECT_HAS(text, "--shard $((JOB_COMPLETION_INDEX + 1))/3 --out ");
  EXPECT_HAS(text, "  name: stash-drain-result\nspec:\n  suspend: true\n");
  EXPECT_HAS(text, "workingDir: \"/home/a b\"\n");
  EXPECT_HAS(text, "topologyKey: kubernetes.io/hostname");
}

TEST(JobFile, AnUnknownSchedulerIsRefused) {
  EXPECT_THROW(job_file("cron", request(), plan(false)), CommandError);
}

}  // namespace
}  // namespace tamari::lab
