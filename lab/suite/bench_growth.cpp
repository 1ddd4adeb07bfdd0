// See bench_growth.h.
#include "lab/suite/bench_growth.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/command_error.h"
#include "lab/environment.h"
#include "lab/installation.h"
#include "lab/suite/choose_rows.h"
#include "lab/suite/growth_rows.h"
#include "lab/suite/suite_output.h"

namespace tamari::lab {
namespace {

// Quick: with five peers on two processors about four minutes.
constexpr SuiteDefaults kDefaults = {.runs = 5, .quick_runs = 3, .quick_scale = 0.25};
constexpr char kSettle[] = "--settle=100";
constexpr double kTurns = 4'000'000;

// Half of the memory there is: an allocator may make all of a heap resident, and keep more beside
// it.
std::uint64_t largest_heap_mib() {
  constexpr std::uint64_t kKibOfTwoMib = 2048;
  return std::max<std::uint64_t>(1, available_memory_kib() / kKibOfTwoMib);
}

}  // namespace

int bench_growth(const GrowthOptions& options) {
  const std::string bench = require_bench(kGrowthName, options.bench);
  const std::vector<SuiteRow> all = listed_rows(bench);
  if (options.list) {
    print_rows(all);
    return kDone;
  }
  const std::vector<SuiteRow> chosen = choose_rows(all, options.only, "dimension");
  SuiteReport report = prepare_report(SuiteKind::kGrowth, options, kDefaults);
  for (const SuiteRow& dimension : chosen) {
    add_growth_rows(dimension, options.quick, largest_heap_mib(), report);
  }
  const double turns = std::max(1.0, kTurns * scale_of(options, kDefaults));
  for (RowRun& run : report.rows) {
    run.row.command = {bench, kSettle, run.row.series, fmt::format("{:.0f}", run.row.at),
                       fmt::format("{:.0f}", turns)};
  }
  return conduct(program_sampling(options.timeout_s), options.output, report);
}

}  // namespace tamari::lab
