// Whole small experiments, with programs that do as they are told.
#include "lab/experiment/runner.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <set>
#include <sstream>

#include "lab/command_error.h"
#include "lab/cpu_list.h"
#include "lab/text.h"
#include "tests/lab/experiment/make_plan.h"
#include "tests/lab/temporary_folder.h"

namespace tamari::lab {
namespace {

class Runner : public testing::Test {
 protected:
  void SetUp() override { testing::internal::CaptureStderr(); }
  void TearDown() override { testing::internal::GetCapturedStderr(); }

  Experiment run(const Plan& plan, const Shard& shard = {}) {
    return run_experiment(plan, folder_, shard);
  }
  std::string refusal(const Plan& plan) {
    try {
      run(plan);
    } catch (const CommandError& error) {
      return error.what();
    }
    return "not refused";
  }
  // What was said on standard error since the last call.
  static std::string said() {
    const std::string text = testing::internal::GetCapturedStderr();
    testing::internal::CaptureStderr();
    return text;
  }
  std::string samples_file() const { return folder_ + "/samples.jsonl"; }
  std::string samples() const { return text_of(samples_file()); }
  static std::string text_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  TemporaryFolder temporary_;
  std::string folder_ = temporary_.file("experiment");
};

// Where each sample stood, in time order.
std::vector<std::string> schedule(const std::vector<SampleRecord>& records) {
  std::vector<std::string> places;
  for (const SampleRecord& r : records) {
    std::ostringstream place;
    place << r.index << " " << r.stage << " " << r.workload << " " << r.block << " " << r.group
          << " " << r.slot << " " << r.arm;
    places.push_back(place.str());
  }
  return places;
}

std::vector<SampleRecord> of_stage(const Experiment& experiment, const std::string& stage) {
  std::vector<SampleRecord> found;
  for (const SampleRecord& record : experiment.records) {
    if (record.stage == stage) found.push_back(record);
  }
  return found;
}

std::set<std::string> failures(const Experiment& experiment) {
  std::set<std::string> found;
  for (const SampleRecord& record : experiment.records) found.insert(record.failure);
  return found;
}

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(Runner, TakesEverySampleOfThePlanInItsOrder) {
  Plan plan = make_plan({"a"}, 2);
  plan.workloads.push_back(program("other", {}));
  const Experiment experiment = run(plan);
  EXPECT_FALSE(experiment.interrupted);
  EXPECT_EQ(experiment.sessions.size(), 1u);
  std::vector<std::string> expected;
  const auto expect = [&](const std::string& rest) {
    expected.push_back(std::to_string(expected.size()) + " " + rest);
  };
  for (const ArmSpec& arm : plan.arms) {
    for (const Workload& workload : plan.workloads) {
      expect("warm-up " + workload.name + " 0 0 0 " + arm.name);
    }
  }
  for (std::size_t block = 0; block < 2; ++block) {
    for (std::size_t workload = 0; workload < 2; ++workload) {
      for (const Slot& slot : block_slots(plan, 0, workload, block, {"a"})) {
        expect("screen " + plan.workloads[workload].name + " " + std::to_string(block) + " 0 " +
               std::to_string(slot.slot) + " " + plan.arms[slot.arm].name);
      }
    }
  }
  EXPECT_EQ(schedule(experiment.records), expected);
  EXPECT_EQ(failures(experiment), (std::set<std::string>{""}));
}

TEST_F(Runner, KeepsWhatASampleWasAndWhatCameOut) {
  Plan plan = make_plan({"a"}, 1);
  plan.metrics = {{"rate", Better::kHigher, "^rate=([0-9.]+)$"}};
  plan.stages[0].gates = {{"rate", Comparison::kAtLeast, 0.03, ""}};
  plan.workloads = {program("busy", {"print=rate=5", "touch=30000", "sleep=20", "print=rate=7.5"})};
  plan.pin = "0";
  const Experiment experiment = run(plan);
  const SampleRecord& record = experiment.records.back();
  EXPECT_EQ(record.metrics.at("rate"), 7.5);
  EXPECT_GT(record.metrics.at("wall_s"), 0.02);
  EXPECT_LT(record.metrics.at("wall_s"), 5);
  EXPECT_GT(record.metrics.at("rss_peak_kib"), 30000);
  EXPECT_LT(record.metrics.at("rss_peak_kib"), 60000);
  EXPECT_GT(record.metrics.at("minor_faults"), 0);
  EXPECT_GT(record.metrics.at("context_switches"), 0);
  EXPECT_DOUBLE_EQ(record.metrics.at("cpu_s"),
                   record.metrics.at("user_s") + record.metrics.at("system_s"));
  EXPECT_EQ(record.metrics.count("rss_settled_kib"), 0u);
  EXPECT_EQ(record.exit_status, 0);
  EXPECT_TRUE(record.owns_malloc);
  EXPECT_EQ(record.cpu_set, "0");
  EXPECT_EQ(record.machine, experiment.machine_id);
  EXPECT_EQ(record.library.sha256.size(), 64u);
  EXPECT_EQ(record.program.sha256.size(), 64u);
  EXPECT_FALSE(record.program.build_id.empty());
  EXPECT_EQ(record.started.size(), std::string("2026-01-02T03:04:05.678Z").size());
  EXPECT_TRUE(record.effective.empty());
  EXPECT_TRUE(record.counters.empty());
}

TEST_F(Runner, SaysWhereItStandsOnceABlock) {
  Plan plan = make_plan({"a"}, 8);
  plan.metrics = {{"rate", Better::kHigher, "rate=([0-9]+)"}};
  plan.stages[0].gates = {{"rate", Comparison::kAtLeast, 0.03, ""}};
  run(plan);
  const auto lines = split(trim(said()), '\n');
  ASSERT_EQ(lines.size(), 9u);
  EXPECT_EQ(lines[0], "warm-up ETA -");
  EXPECT_HAS(lines[1], "screen: block 1/8 ETA ");
  EXPECT_HAS(lines[8], "screen: block 8/8 ETA ");
  EXPECT_HAS(lines[8], "  rate: a 0.0% [0.0, 0.0]");
}

TEST_F(Runner, LoadsWhatItWrote) {
  const Plan plan = make_plan({"a"}, 1);
  const Experiment experiment = run(plan);
  const Experiment loaded = load_experiment(folder_);
  EXPECT_EQ(to_tsv(loaded.records), to_tsv(experiment.records));
  EXPECT_EQ(to_json(loaded.plan), to_json(plan));
  EXPECT_EQ(loaded.machine_id, experiment.machine_id);
  EXPECT_EQ(loaded.sessions, experiment.sessions);
  EXPECT_EQ(loaded.machine.kernel, experiment.machine.kernel);
  EXPECT_FALSE(loaded.interrupted);
}

TEST_F(Runner, DoesNothingForACompleteExperiment) {
  const Plan plan = make_plan({"a"}, 1);
  run(plan);
  const std::string before = samples();
  const Experiment again = run(plan);
  EXPECT_EQ(samples(), before);
  EXPECT_EQ(again.sessions.size(), 1u);
}

TEST_F(Runner, GoesOnFromEveryPointAtWhichItMayHaveStopped) {
  Plan plan = make_plan({"a"}, 2);
  const auto whole = schedule(run(plan).records);
  const std::string text = samples();
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1, ++kept) {
    std::ofstream(samples_file()) << text.substr(0, at) << "{\"torn";
    const Experiment resumed = run(plan);
    ASSERT_EQ(schedule(resumed.records), whole) << "after " << kept << " samples";
    for (std::size_t i = 0; i < resumed.records.size(); ++i) {
      EXPECT_EQ(resumed.records[i].resumed, i >= kept) << i << " after " << kept;
    }
    EXPECT_EQ(resumed.sessions.size(), kept + 2);
  }
  EXPECT_EQ(kept, whole.size());
}

TEST_F(Runner, GoesOnInsideAnAbbaBlock) {
  Plan plan = make_plan({"a", "b"}, 1);
  plan.order = Order::kAbba;
  const auto whole = schedule(run(plan).records);
  EXPECT_EQ(whole.size(), 4u + 12u);
  const std::string text = samples();
  std::size_t at = 0;
  for (int line = 0; line < 9; ++line) at = text.find('\n', at) + 1;
  std::ofstream(samples_file()) << text.substr(0, at);
  EXPECT_EQ(schedule(run(plan).records), whole);
}

TEST_F(Runner, RefusesAnotherPlanInTheFolder) {
  Plan plan = make_plan({"a"}, 1);
  run(plan);
  plan.stages[0].runs = 2;
  EXPECT_HAS(refusal(plan), "another plan");
}

TEST_F(Runner, StopsWhenAFileUnderTestChanges) {
  Plan plan = make_plan({"a"}, 5);
  const std::string script = temporary_.write("script", "#!/bin/bash\necho >> $0\n");
  plan.workloads[0].command = {script};
  EXPECT_HAS(refusal(plan), script + " was changed while the experiment ran");
  EXPECT_TRUE(load_experiment(folder_).records.empty());
}

// Runs it in another process and signals that once the file of samples has some lines.
class InAnotherProcess {
 public:
  InAnotherProcess(const std::function<void()>& act, const std::string& samples, std::size_t lines,
                   int signal) {
    const pid_t child = fork();
    if (child == 0) {
      // What a killed process leaves there goes with the test's own folder.
      setenv("TMPDIR", std::filesystem::path(samples).parent_path().parent_path().c_str(), 1);
      act();
      _exit(0);
    }
    for (std::size_t waits = 0; count_lines(samples) < lines && waits < 2000; ++waits) {
      usleep(2000);
    }
    usleep(30'000);  // into the sample in flight
    kill(child, signal);
    waitpid(child, &status_, 0);
  }
  int status() const { return status_; }

 private:
  static std::size_t count_lines(const std::string& file) {
    std::ifstream stream(file);
    std::size_t lines = 0;
    for (std::string line; std::getline(stream, line);) ++lines;
    return lines;
  }
  int status_ = -1;
};

TEST_F(Runner, LeavesAValidFolderWhenInterrupted) {
  Plan plan = make_plan({"a"}, 3);
  const std::string survivor = temporary_.file("survivor");
  plan.workloads = {program("slow", {"child=1500:" + survivor, "sleep=100"})};
  const std::string told = temporary_.file("told");
  const auto act = [&] {
    if (run(plan).interrupted) std::ofstream(told) << "interrupted";
  };
  const InAnotherProcess other(act, samples_file(), 5, SIGINT);
  EXPECT_EQ(other.status(), 0);
  EXPECT_EQ(text_of(told), "interrupted");
  const Experiment partial = load_experiment(folder_);
  EXPECT_TRUE(partial.interrupted);
  EXPECT_GE(partial.records.size(), 5u);
  EXPECT_LT(partial.records.size(), 12u);
  EXPECT_EQ(failures(partial), (std::set<std::string>{""}));
  const Experiment whole = run(plan);
  EXPECT_EQ(whole.records.size(), 12u);
  EXPECT_EQ(whole.sessions.size(), 2u);
  EXPECT_FALSE(load_experiment(folder_).interrupted);
  sleep(1);
  EXPECT_FALSE(std::filesystem::exists(survivor));
}

TEST_F(Runner, LosesAtMostTheSampleInFlightWhenKilled) {
  Plan plan = make_plan({"a"}, 3);
  plan.workloads = {program("slow", {"sleep=100"})};
  const InAnotherProcess other([&] { run(plan); }, samples_file(), 5, SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(other.status()));
  const Experiment partial = load_experiment(folder_);
  EXPECT_TRUE(partial.interrupted);
  EXPECT_GE(partial.records.size(), 5u);
  EXPECT_EQ(run(plan).records.size(), 12u);
}

TEST_F(Runner, KillsASampleAtItsLimitWithAllItStarted) {
  Plan plan = make_plan({"a"}, 1);
  const std::string flag = temporary_.file("flag");
  const std::string survivor = temporary_.file("survivor");
  // Every other one hangs, but not the first.
  plan.workloads = {program(
      "hangs", {"sleep=30", "count=" + flag, "exit=0", "child=1500:" + survivor, "sleep=20000"})};
  plan.timeout_s = 0.5;
  const Experiment experiment = run(plan);
  std::size_t timed_out = 0;
  for (const SampleRecord& record : experiment.records) {
    if (record.good()) continue;
    ++timed_out;
    EXPECT_HAS(record.failure, "timed out after");
    EXPECT_FALSE(record.exit_status.has_value());
  }
  EXPECT_EQ(timed_out, 3u);
  usleep(1'600'000);
  EXPECT_FALSE(std::filesystem::exists(survivor));
}

TEST_F(Runner, KeepsAFailedSampleAndItsLastWords) {
  Plan plan = make_plan({"a"}, 1);
  plan.workloads = {program("crashes", {"sleep=30", "count=" + temporary_.file("flag"), "exit=0",
                                        "error=alas", "abort="})};
  const Experiment experiment = run(plan);
  EXPECT_EQ(failures(experiment), (std::set<std::string>{"", "killed by Aborted: alas"}));
  std::set<std::string> logs;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/logs")) {
    logs.insert(text_of(entry.path()));
  }
  EXPECT_EQ(logs, (std::set<std::string>{"alas\n"}));
}

TEST_F(Runner, StopsWhenTheFirstSampleOfTheBaseFails) {
  Plan plan = make_plan({"a"}, 4);
  const std::string flag = temporary_.file("flag");
  plan.workloads = {program("picky", {"sleep=30", "count=" + flag, "exit=3"})};
  EXPECT_HAS(refusal(plan), "the first sample of 'base' on 'picky' failed: exit status 3");
  EXPECT_EQ(load_experiment(folder_).records.size(), 1u);
  // It is taken again.
  refusal(plan);
  EXPECT_TRUE(load_experiment(folder_).records.at(1).good());
}

TEST_F(Runner, StopsWhenAGatedMetricIsNotPrinted) {
  Plan plan = make_plan({"a"}, 4);
  plan.metrics = {{"speed", Better::kHigher, "speed=([0-9]+)"}};
  plan.stages[0].gates = {{"speed", Comparison::kAtLeast, 0.03, ""}};
  const std::string sentence = refusal(plan);
  EXPECT_HAS(sentence, "'quiet' did not print the metric 'speed'");
  EXPECT_EQ(load_experiment(folder_).records.size(), 1u);
  EXPECT_EQ(refusal(plan), sentence);
}

TEST_F(Runner, LeavesOutAMetricThatNoGateNeeds) {
  Plan plan = make_plan({"a"}, 1);
  plan.metrics = {{"speed", Better::kHigher, "speed=([0-9]+)"}};
  for (const SampleRecord& record : run(plan).records) {
    EXPECT_TRUE(record.good());
    EXPECT_EQ(record.metrics.count("speed"), 0u);
  }
}

TEST_F(Runner, CountsOnlySamplesThatPassTheCheck) {
  Plan plan = make_plan({"a"}, 2);
  const std::string flag = temporary_.file("flag");
  plan.workloads = {
      program("checked", {"sleep=30", "count=" + flag, "print=right", "error=words"})};
  plan.workloads[0].check =
      "test -z \"$LD_PRELOAD\" && grep -q words $TAMARI_SAMPLE_ERR && "
      "echo missing >&2 && grep -q right $TAMARI_SAMPLE_OUT";
  const Experiment experiment = run(plan);
  std::size_t good = 0;
  for (const SampleRecord& record : experiment.records) {
    if (record.good()) {
      ++good;
    } else {
      EXPECT_HAS(record.failure, "exit status 1: missing");
    }
  }
  EXPECT_EQ(good, (experiment.records.size() + 1) / 2);
}

TEST_F(Runner, RefusesACheckThatIsNoCommand) {
  Plan plan = make_plan({"a"}, 1);
  plan.workloads[0].check = "cmp 'out";
  EXPECT_HAS(refusal(plan), "workload 'quiet': its check 'cmp 'out' is no shell command");
  plan.workloads[0].check = "no-such-command-of-anyone";
  EXPECT_HAS(refusal(plan), "exit status 127");
}

TEST_F(Runner, RefusesAProgramThatNoPreloadReaches) {
  Plan plan = make_plan({"a"}, 1);
  plan.workloads[0].command = {STATIC_PROGRAM};
  EXPECT_HAS(refusal(plan), "is statically linked");
  plan.workloads[0].command = {"/no/such/program"};
  EXPECT_HAS(refusal(plan), "workload 'quiet': /no/such/program is not there");
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(Runner, RefusesPinsAndExpressionsThatCannotBeUsed) {
  Plan plan = make_plan({"a"}, 1);
  plan.pin = "0-";
  EXPECT_HAS(refusal(plan), "pin '0-': '0-' is no CPU list");
  plan.pin = "";
  plan.metrics = {{"rate", Better::kHigher, "(?=rate)([0-9]+)"}};
  EXPECT_HAS(refusal(plan), "metric 'rate");
}

TEST_F(Runner, RunsItsShareOfTheBlocks) {
  Plan plan = make_plan({"a"}, 5);
  plan.stages.push_back({"replay", 2, std::nullopt, {}, true, false});
  const Experiment experiment = run(plan, {2, 2});
  std::set<std::size_t> blocks;
  for (const SampleRecord& record : of_stage(experiment, "screen")) blocks.insert(record.block);
  EXPECT_EQ(blocks, (std::set<std::size_t>{1, 3}));
  EXPECT_TRUE(of_stage(experiment, "replay").empty());
  EXPECT_FALSE(experiment.interrupted);
}

TEST_F(Runner, RefusesShardsThatCannotBe) {
  Plan plan = make_plan({"a"}, 5);
  EXPECT_THROW(run(plan, {3, 2}), CommandError);
  EXPECT_THROW(run(plan, {0, 2}), CommandError);
  plan.stages[0].automatic = AutoRuns{};
  EXPECT_THROW(run(plan, {1, 2}), CommandError);
}

TEST_F(Runner, StopsAnAutomaticStageByItsRule) {
  Plan plan = make_plan({"a"}, 0);
  plan.metrics = {{"rate", Better::kHigher, "rate=([0-9]+)"}};
  plan.stages[0].gates = {{"rate", Comparison::kAtLeast, 0.03, ""}};
  plan.stages[0].automatic = AutoRuns{6, 9, 0.01};
  EXPECT_EQ(of_stage(run(plan), "screen").size(), 6u * 3u);  // the program always prints 7
}

TEST_F(Runner, RunsAnAutomaticStageToItsEndWhenTheNoiseIsTooGreat) {
  Plan plan = make_plan({"a"}, 0);
  plan.stages[0].gates = {{"wall_s", Comparison::kAtMost, 0.03, ""}};
  plan.stages[0].automatic = AutoRuns{6, 8, 1e-9};
  EXPECT_EQ(of_stage(run(plan), "screen").size(), 8u * 3u);
}

TEST_F(Runner, BeginsNoBlockPastTheBudget) {
  Plan plan = make_plan({"a"}, 50);
  plan.workloads = {program("slow", {"sleep=50"})};
  plan.budget_s = 1.2;
  const Experiment experiment = run(plan);
  EXPECT_FALSE(experiment.interrupted);
  const auto samples = of_stage(experiment, "screen");
  EXPECT_EQ(samples.size() % 3, 0u);
  EXPECT_LT(samples.size(), 30u);
}

}  // namespace
}  // namespace tamari::lab
