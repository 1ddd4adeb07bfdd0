// See growth_view.h.
#include "lab/suite/growth_view.h"

#include <fmt/format.h>

#include "lab/report_text.h"
#include "lab/suite/series.h"
#include "lab/suite/series_view.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

std::string cost_at(const RowFigures& row, const std::string& arm) {
  return fmt::format("{} at {}", format_or_dash(row.arm(arm)->median_of(kCpuPerOp), 1),
                     row.run->row.label);
}

// How much more a step of the walk takes where the operation takes most.
std::string walk_growth(const Spread& spread, const std::string& arm) {
  const auto least = spread.least->arm(arm)->median_of(kWalk);
  const auto most = spread.most->arm(arm)->median_of(kWalk);
  if (!least || !most || *least <= 0) return "-";
  return fmt::format("{:.2f}x", *most / *least);
}

TonedWords verdict_of(const Spread& spread) {
  const std::string words =
      fmt::format("{}flat within {:.1f}x", spread.flat() ? "" : "not ", kFlatLimit);
  if (spread.unsure()) return {words + ", unsure", Tone::kUnsure};
  return {words, spread.flat() ? Tone::kGood : Tone::kBad};
}

std::vector<TonedWords> verdict_row(const Series& series, const std::string& arm) {
  const auto spread = spread_of(series, arm);
  if (!spread) return {series.name, arm, "-", "-", "-", "-", "no figures on two rows"};
  return {series.name,
          arm,
          cost_at(*spread->least, arm),
          cost_at(*spread->most, arm),
          format_ratio(spread->ratio),
          walk_growth(*spread, arm),
          verdict_of(*spread)};
}

DocumentSection verdicts_section(const SuiteReport& report, const std::vector<Series>& all) {
  DocumentSection section;
  section.title = "Does the cost grow?";
  section.paragraphs = {
      "CPU time of an operation, ns, where it is smallest and where it is largest along a "
      "dimension, and the largest over the smallest, with its 95 % bootstrap interval by rounds; "
      "unsure: the interval lies on both sides.",
      "Misses of the caches and of the TLB in the blocks themselves are part of every figure: the "
      "other allocators, which do the same work, are the control. So is a walk over the same "
      "blocks without an allocator: its column says how much more a step takes where the operation "
      "takes most.",
      "Of a block the first word alone is touched, so a live heap is resident by a page a block at "
      "most."};
  DocumentTable table;
  table.heading = {"dimension",    "allocator", "least ns", "most ns",
                   "most / least", "walk",      "verdict"};
  for (const Series& series : all) {
    for (const Arm& arm : report.contestants.arms) {
      table.rows.push_back(verdict_row(series, arm.name));
    }
  }
  section.tables.push_back(table);
  return section;
}

DocumentSection series_section(const SuiteReport& report, const Series& series) {
  return figures_section(
      report, series,
      {median_figure("CPU ns an operation", "both axes logarithmic", kCpuPerOp, 1, 1),
       median_figure("a step of the walk, CPU ns", "the same blocks without an allocator", kWalk, 1,
                     1)});
}

}  // namespace

Document growth_document(const SuiteReport& report, const SuiteFigures& figures) {
  return series_document("tamari bench growth", report, figures,
                         {verdicts_section, series_section});
}

}  // namespace tamari::lab
