// See bench_suite.h.
#include "lab/suite/bench_suite.h"

#include <fmt/format.h>

#include "lab/command_error.h"
#include "lab/installation.h"
#include "lab/preload.h"
#include "lab/suite/choose_rows.h"
#include "lab/suite/suite_output.h"

namespace tamari::lab {
namespace {

// Quick: with five peers on two idle processors less than three minutes, one of them for the
// samples to settle. With less work the shortest rows would measure the start of their processes.
constexpr SuiteDefaults kDefaults = {.runs = 5, .quick_runs = 3, .quick_scale = 0.15};
constexpr char kSettle_ms[] = "100";

std::vector<std::string> command_of(const SuiteRow& row, const std::string& bench,
                                    const std::string& scale, const SuiteOptions& options) {
  std::vector<std::string> command = {bench, row.name, "--scale", scale, "--settle", kSettle_ms};
  if (options.settle) command.emplace_back("--settle-curve");
  if (options.latency) command.emplace_back("--latency");
  return command;
}

// What purging costs a single call shows beside the settings in use: purging all the time, and not
// at all.
void add_purge_variants(Contestants& contestants) {
  if (contestants.arms.empty() || !contestants.arms.front().is_tamari()) return;
  const Arm tamari = contestants.arms.front();
  for (const auto& [name, setting] :
       {std::pair("purging", "decay_ms=10"), std::pair("not_purging", "background=off")}) {
    Arm arm = tamari;
    arm.name = std::string(kTamariVariant) + name;
    arm.settings = merge_settings(tamari.settings, {setting});
    admit(arm, contestants);
  }
}

// A row paced by the clock takes as long at a small scale.
bool left_out(const SuiteRow& row, const SuiteOptions& options) {
  return options.quick && row.by_clock && options.only.empty();
}

SuiteReport prepare(const SuiteOptions& options, const std::string& bench,
                    const std::vector<SuiteRow>& rows) {
  const SuiteKind kind = options.latency ? SuiteKind::kLatency : SuiteKind::kWorkloads;
  SuiteReport report = prepare_report(kind, options, kDefaults);
  for (const SuiteRow& row : rows) {
    if (left_out(row, options)) {
      report.missing_rows.push_back({row.name, "left out by --quick; --only names it"});
      continue;
    }
    RowRun run;
    run.row = row;
    run.row.command = command_of(row, bench, report.scale, options);
    report.rows.push_back(run);
  }
  if (options.latency) add_purge_variants(report.contestants);
  return report;
}

}  // namespace

int bench_suite(const SuiteOptions& options) {
  const std::string bench = require_bench(kSuiteName, options.bench);
  const std::vector<SuiteRow> all = listed_rows(bench);
  if (options.list) {
    print_rows(all);
    return kDone;
  }
  const std::vector<SuiteRow> rows = choose_rows(all, options.only, "workload");
  SuiteReport report = prepare(options, bench, rows);
  return conduct(program_sampling(options.timeout_s), options.output, report);
}

}  // namespace tamari::lab
