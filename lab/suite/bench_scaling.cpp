// See bench_scaling.h.
#include "lab/suite/bench_scaling.h"

#include <algorithm>

#include "lab/command_error.h"
#include "lab/environment.h"
#include "lab/installation.h"
#include "lab/lanes.h"
#include "lab/suite/choose_rows.h"
#include "lab/suite/suite_output.h"

namespace tamari::lab {
namespace {

// Quick: with five peers on two processors about three minutes.
constexpr SuiteDefaults kDefaults = {.runs = 5, .quick_runs = 3, .quick_scale = 0.25};
constexpr char kSettle[] = "--settle=100";
constexpr unsigned kMostThreads = 64;

std::vector<SuiteRow> lane_rows() {
  std::vector<SuiteRow> rows;
  for (const std::string& name : default_lane_names()) {
    SuiteRow row;
    row.name = name;
    row.about = find_lane(name).about;
    rows.push_back(row);
  }
  return rows;
}

// As many iterations in all as there are CPUs to do them, so that a sample lasts about as long with
// any number of threads.
RowRun make_row(const SuiteRow& lane_row, unsigned threads, const std::string& bench,
                double scale) {
  LaneOverrides overrides;
  overrides.threads = threads;
  Lane lane = effective_lane(find_lane(lane_row.name), overrides, allowed_cpus());
  lane.iterations =
      static_cast<std::uint64_t>(std::max(1.0, static_cast<double>(lane.iterations) * scale));
  RowRun run;
  run.row = place_in_series(lane_row, threads, std::to_string(threads));
  run.row.command = {bench, kSettle};
  for (const std::string& argument : lane.arguments()) run.row.command.push_back(argument);
  return run;
}

}  // namespace

int bench_scaling(const ScalingOptions& options) {
  const std::string bench = require_bench(kBenchName, options.bench);
  const std::vector<SuiteRow> all = lane_rows();
  if (options.list) {
    print_rows(all);
    return kDone;
  }
  const std::vector<SuiteRow> chosen = choose_rows(all, options.only, "lane");
  SuiteReport report = prepare_report(SuiteKind::kScaling, options, kDefaults);
  const double scale = scale_of(options, kDefaults);
  for (const SuiteRow& lane : chosen) {
    for (unsigned threads = 1; threads <= kMostThreads; threads *= 2) {
      report.rows.push_back(make_row(lane, threads, bench, scale));
    }
  }
  return conduct(program_sampling(options.timeout_s), options.output, report);
}

}  // namespace tamari::lab
