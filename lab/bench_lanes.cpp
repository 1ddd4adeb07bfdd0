// See bench_lanes.h. Figures go to stdout as each lane is done, everything else to stderr.
#include "lab/bench_lanes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "lab/command_error.h"
#include "lab/installation.h"
#include "lab/preload.h"
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
    if (!lanes.back().suite.empty()) require_program(kSuiteName);
  }
  return lanes;
}

void add_tamari(const BenchLanesOptions& options, Peers& candidates) {
  const std::string settings = merge_settings("", options.settings);
  const auto library = find_library(options.library);
  if (!library) {
    if (!settings.empty()) require_library(options.library);
    candidates.notes.push_back(fmt::format(
        "{} was not found beside tamari: build it, or give --lib PATH; peers only", kLibraryName));
    return;
  }
  if (!settings.empty()) check_settings(*library, settings);
  candidates.arms.insert(candidates.arms.begin(), tamari_arm(*library, settings));
}

// Before the first sample: does each arm's library own malloc?
void admit_arms(const Peers& candidates, BenchReport& report) {
  report.notes = candidates.notes;
  for (const Arm& arm : candidates.arms) {
    const std::string problem = arm_problem(arm);
    if (problem.empty()) {
      report.arms.push_back(arm);
    } else {
      report.refused.push_back({arm.name, problem});
    }
  }
}

void print_notes(const BenchReport& report) {
  for (const std::string& note : report.notes) fmt::print(stderr, "note: {}\n", note);
  for (const RefusedArm& arm : report.refused) {
    fmt::print(stderr, "refused: {} does not own malloc: {}\n", arm.name, arm.reason);
  }
}

BenchReport prepare(const BenchLanesOptions& options) {
  BenchReport report;
  const auto bench = find_bench(options.bench);
  if (!bench) {
    throw CommandError(kHarness, fmt::format("{} is not beside {}: build it, or give --bench PATH",
                                             kBenchName, self_path()));
  }
  const std::size_t runs = options.overrides.quick ? kQuickRuns : kDefaultRuns;
  report.settings = {*bench, options.runs.value_or(runs), options.seed, options.settle_ms,
                     options.timeout_s};
  Peers candidates = find_peers(options.peers);
  add_tamari(options, candidates);
  admit_arms(candidates, report);
  report.bench_sha256 = file_sha256(*bench);
  report.machine = describe_machine();
  return report;
}

void run_lanes(const std::vector<Lane>& lanes, bool print_text, BenchReport& report) {
  Progress progress(lanes.size() * report.arms.size() * report.settings.runs);
  for (const Lane& lane : lanes) {
    report.lanes.push_back(run_lane(lane, report.arms, report.settings, progress));
    progress.clear();
    if (print_text) print_lane(report.lanes.back());
    report.interrupted = !report.lanes.back().complete;
    if (report.interrupted) return;
  }
}

// Called once with no text before the first sample: a page that cannot be written must not cost
// the samples.
void write_html(const std::string& file, const std::string& text) {
  if (file.empty()) return;
  std::ofstream stream(file);
  stream << text;
  stream.close();
  if (!stream) {
    throw CommandError(kHarness, fmt::format("cannot write {}: choose another --html FILE", file));
  }
}

int exit_status(const BenchReport& report) {
  if (report.interrupted) return kInterrupted;
  const auto has_failure = [](const LaneRun& run) {
    return std::any_of(run.samples.begin(), run.samples.end(),
                       [](const Sample& sample) { return !sample.good(); });
  };
  const bool failed = std::any_of(report.lanes.begin(), report.lanes.end(), has_failure);
  return failed || !report.refused.empty() ? kSampleFailed : kDone;
}

}  // namespace

int bench_lanes(const BenchLanesOptions& options) {
  if (options.list) {
    print_lane_list(allowed_cpus());
    return kDone;
  }
  const std::vector<Lane> lanes = chosen_lanes(options);
  BenchReport report = prepare(options);
  print_notes(report);
  if (report.arms.empty()) throw CommandError(kHarness, "no allocator is left to be measured");
  write_html(options.html, "");
  catch_interrupts();
  if (!options.json) print_heading(report);
  run_lanes(lanes, !options.json, report);
  if (options.json) fmt::print("{}\n", json_report(report));
  write_html(options.html, html_report(report));
  return exit_status(report);
}

}  // namespace tamari::lab
