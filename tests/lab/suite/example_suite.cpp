#include "tests/lab/suite/example_suite.h"

#include "lab/lane_results.h"
#include "lab/suite/rounds.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kRounds = 3;

struct Made {
  const char* arm;
  double seconds;
  double peak_mib;
};

Sample make_good(const Made& made, std::size_t round) {
  const double drift = 1 + 0.02 * static_cast<double>(round);
  Sample sample;
  sample.arm = made.arm;
  sample.round = round;
  sample.values = {{"ops/s", 1e6 / made.seconds},
                   {"ops", 1e6},
                   {kSeconds, made.seconds * drift},
                   {"user_s", made.seconds * 0.9},
                   {"sys_s", made.seconds * 0.1},
                   {kPeak, made.peak_mib * 1024},
                   {kSettled, made.peak_mib * 512},
                   {kFaults, 2000},
                   {kChecksum, 7}};
  add_derived_values(sample);
  return sample;
}

RowRun make_row(const char* name, const std::vector<Made>& arms) {
  RowRun run;
  run.row.name = name;
  run.row.about = "made up";
  run.row.command = {"bench_suite", name};
  run.complete = true;
  for (const Made& made : arms) run.arms.emplace_back(made.arm);
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (const Made& made : arms) run.samples.push_back(make_good(made, round));
  }
  return run;
}

void fail_samples(RowRun& run, const std::string& arm) {
  for (Sample& sample : run.samples) {
    if (sample.arm != arm) continue;
    sample.failure = "check failed: <a block> is whole";
    sample.values.clear();
  }
}

void add_latencies(Sample& sample) {
  const double slower = sample.arm == "tamari" ? 1 : 2;
  for (const std::string call : {"malloc", "free"}) {
    sample.values[call + "_p50_ns"] = 20 * slower;
    sample.values[call + "_p99_ns"] = 200 * slower;
    sample.values[call + "_p99.9_ns"] = 2000 * slower;
    sample.values[call + "_p99.99_ns"] = 20000 * slower;
    sample.values[call + "_max_ns"] = 1e6 + static_cast<double>(sample.round);
    for (const double end : {16.0, 32.0, 64.0, 1024.0, 65536.0, 1048576.0}) {
      sample.values[call + "_below_" + std::to_string(static_cast<int>(end)) + "ns"] = 1e7 / end;
    }
  }
}

RowRun make_place(const std::string& series, double at, const std::vector<Made>& arms) {
  const std::string label = std::to_string(static_cast<int>(at));
  RowRun run = make_row((series + " " + label).c_str(), arms);
  run.row.series = series;
  run.row.at = at;
  run.row.label = label;
  return run;
}

}  // namespace

SuiteReport example_suite() {
  SuiteReport report;
  report.command = "tamari bench suite --runs 3";
  report.scale = "1";
  report.machine.cpu_model = "A processor";
  report.machine.date = "2026-01-02T03:04:05Z";
  report.runs = kRounds;
  report.rounds_done = kRounds;
  for (const char* name : {"tamari", "quick", "lean"}) {
    Arm arm;
    arm.name = name;
    arm.library = std::string("/lib/") + name;
    report.contestants.arms.push_back(arm);
  }
  report.contestants.missing = {{"absent", "apt install libabsent"}};
  report.contestants.refused = {{"stranger", "malloc is glibc's"}};
  report.rows = {make_row("even", {{"tamari", 1, 100}, {"quick", 1, 200}, {"lean", 2, 100}}),
                 make_row("behind", {{"tamari", 2, 400}, {"quick", 1, 200}, {"lean", 4, 100}}),
                 make_row("ahead", {{"tamari", 0.5, 50}, {"quick", 1, 100}, {"lean", 1, 100}})};
  fail_samples(report.rows[2], "lean");
  return report;
}

SuiteReport example_latency() {
  SuiteReport report = example_suite();
  report.kind = SuiteKind::kLatency;
  report.command = "tamari bench suite --latency";
  for (RowRun& run : report.rows) {
    for (Sample& sample : run.samples) {
      if (sample.good()) add_latencies(sample);
    }
  }
  return report;
}

SuiteReport example_growth() {
  SuiteReport report = example_suite();
  report.kind = SuiteKind::kGrowth;
  report.command = "tamari bench growth";
  report.missing_rows = {{"heap 8 GiB", "left out: half of the available memory is 4096 MiB"}};
  report.rows = {
      make_place("heap", 1, {{"tamari", 1.0, 10}, {"quick", 1.0, 10}, {"lean", 2, 10}}),
      make_place("heap", 1024, {{"tamari", 1.4, 99}, {"quick", 3.0, 99}, {"lean", 2, 99}}),
      make_place("threads", 1, {{"tamari", 1.2, 10}, {"quick", 1.0, 10}, {"lean", 2, 10}}),
      make_place("threads", 1000, {{"tamari", 1.0, 10}, {"quick", 1.0, 10}, {"lean", 9, 10}})};
  fail_samples(report.rows[1], "lean");
  for (RowRun& run : report.rows) {
    if (run.row.series != "heap") continue;
    for (Sample& sample : run.samples) {
      if (sample.good()) sample.values[kWalk] = 2 + run.row.at / 100;
    }
  }
  return report;
}

SuiteReport example_scaling() {
  SuiteReport report = example_suite();
  report.kind = SuiteKind::kScaling;
  report.command = "tamari bench scaling";
  report.machine.cpus_allowed = 2;
  report.rows = {make_place("main", 1, {{"tamari", 4, 10}, {"quick", 4, 10}, {"lean", 8, 5}}),
                 make_place("main", 2, {{"tamari", 2, 10}, {"quick", 4, 20}, {"lean", 8, 5}}),
                 make_place("main", 4, {{"tamari", 2, 10}, {"quick", 8, 40}, {"lean", 8, 5}})};
  for (RowRun& run : report.rows) {
    for (Sample& sample : run.samples) {
      sample.values[kRemote] = sample.arm == "lean" && run.row.at == 4 ? 60 : 90;
    }
  }
  return report;
}

}  // namespace tamari::lab
