// See bench_lanes.h. Figures go to stdout as each lane is done, everything else to stderr.
#include "lab/bench_lanes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "lab/command_error.h"
#include "lab/files.h"
#include "lab/installation.h"
#include "lab/report_html.h"
#include "lab/report_json.h"
#include "lab/report_text.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kDefaultRuns = 7;
constexpr std::size_t kQuickRuns = 3;

std::vector<Lane> chosen_lanes(const BenchLanesOptions& options) {
  std::vector<Lane> lanes;
  const auto& names = options.lanes.empty() ? default_lane_names() : options.lanes;
  for (const std::string& name : names) {
    lanes.push_back(effective_lane(find_lane(name), options.overrides, allowed_cpus()));
    if (!lanes.back().suite.empty()) require_bench(kSuiteName, "");
  }
  return lanes;
}

BenchReport prepare(const BenchLanesOptions& options) {
  BenchReport report;
  const std::string bench = require_bench(kBenchName, options.bench);
  const std::size_t runs = options.overrides.quick ? kQuickRuns : kDefaultRuns;
  report.settings = {bench, options.runs.value_or(runs), options.seed, options.settle_ms,
                     options.timeout_s};
  report.contestants = find_contestants(options.contestants);
  report.bench_sha256 = file_sha256(bench);
  report.machine = describe_machine();
  return report;
}

void run_lanes(const std::vector<Lane>& lanes, bool print_text, BenchReport& report) {
  Progress progress(lanes.size() * report.contestants.arms.size() * report.settings.runs);
  for (const Lane& lane : lanes) {
    report.lanes.push_back(run_lane(lane, report.contestants.arms, report.settings, progress));
    progress.clear();
    if (print_text) print_lane(report.lanes.back());
    report.interrupted = !report.lanes.back().complete;
    if (report.interrupted) return;
  }
}

int exit_status(const BenchReport& report) {
  if (report.interrupted) return kInterrupted;
  const auto has_failure = [](const LaneRun& run) {
    return std::any_of(run.samples.begin(), run.samples.end(),
                       [](const Sample& sample) { return !sample.good(); });
  };
  const bool failed = std::any_of(report.lanes.begin(), report.lanes.end(), has_failure);
  return failed || !report.contestants.refused.empty() ? kSampleFailed : kDone;
}

}  // namespace

int bench_lanes(const BenchLanesOptions& options) {
  if (options.list) {
    print_lane_list(allowed_cpus());
    return kDone;
  }
  const std::vector<Lane> lanes = chosen_lanes(options);
  BenchReport report = prepare(options);
  require_contestants(report.contestants);
  require_writable(options.html);
  catch_interrupts();
  if (!options.json) print_heading(report);
  run_lanes(lanes, !options.json, report);
  if (options.json) fmt::print("{}\n", json_report(report));
  write_atomically(options.html, html_report(report));
  return exit_status(report);
}

}  // namespace tamari::lab
