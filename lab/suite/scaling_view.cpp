// See scaling_view.h.
#include "lab/suite/scaling_view.h"

#include <fmt/format.h>

#include "lab/lane_results.h"
#include "lab/report_text.h"
#include "lab/suite/series.h"
#include "lab/suite/series_view.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

TonedWords standing_cell(const RowFigures& row, const char* key, Best best) {
  const auto standing = against_best(*row.run, key, best);
  if (!standing) return "-";
  return fmt::format("{} {}", format_ratio(standing->ratio), standing->peer);
}

DocumentSection summary_section(const SuiteReport& report, const std::vector<Series>& all) {
  DocumentSection section;
  section.title = "tamari against the best peer at each number of threads";
  section.paragraphs = {
      "Speed: tamari's over the fastest peer's, above 1 tamari is faster. Peak RSS: tamari's over "
      "the leanest peer's, below 1 tamari is leaner. Brackets are 95 % bootstrap intervals by "
      "rounds.",
      fmt::format(
          "Efficiency is the speed over that of one thread times the threads that can run at "
          "once, here {} at most: 1 is perfect. One thread frees everything itself, so on "
          "lanes with remote frees the first row is other work.",
          report.machine.cpus_allowed)};
  DocumentTable table;
  table.heading = {"lane", "threads", "speed over fastest", "peak RSS over leanest"};
  for (const Series& series : all) {
    for (const RowFigures* row : series.rows) {
      table.rows.push_back({series.name, row->run->row.label,
                            standing_cell(*row, kSpeed, Best::kMost),
                            standing_cell(*row, kPeak, Best::kLeast)});
    }
  }
  section.tables.push_back(table);
  return section;
}

std::vector<std::string> caution_lines(const Series& series) {
  std::vector<std::string> brief;
  std::vector<std::string> unequal;
  for (const RowFigures* row : series.rows) {
    if (!short_arms(*row->run).empty()) brief.push_back(row->run->row.label);
    if (unequal_remote_shares(*row->run)) unequal.push_back(row->run->row.label);
  }
  std::vector<std::string> lines;
  if (!brief.empty()) {
    lines.push_back(fmt::format(
        "Caution: with {} threads some samples are too short for the threads to take turns: raise "
        "--scale.",
        join(brief, ", ")));
  }
  if (!unequal.empty()) {
    lines.push_back(fmt::format(
        "Caution: with {} threads the allocators did not do the same work: their effective remote "
        "shares differ.",
        join(unequal, ", ")));
  }
  return lines;
}

DocumentSection lane_section(const SuiteReport& report, const Series& series) {
  const unsigned cpus = report.machine.cpus_allowed;
  DocumentSection section = figures_section(
      report, series,
      {median_figure("M ops/s", "over threads, both axes logarithmic", kSpeed, kMillion, 2),
       {"efficiency against one thread", "1 is perfect", 2,
        [&](const RowFigures& row, const std::string& arm) {
          return efficiency_of(series, row, arm, cpus);
        }},
       median_figure("CPU ns an operation", "less is better", kCpuPerOp, 1, 1),
       median_figure("peak RSS, MiB", "slots and rings are part of it", kPeak, kKibPerMib, 1)});
  section.paragraphs = caution_lines(series);
  return section;
}

}  // namespace

Document scaling_document(const SuiteReport& report, const SuiteFigures& figures) {
  return series_document("tamari bench scaling", report, figures, {summary_section, lane_section});
}

}  // namespace tamari::lab
