// See series.h.
#include "lab/suite/series.h"

#include <algorithm>

#include "lab/lane_results.h"

namespace tamari::lab {
namespace {

std::optional<double> median_on(const RowFigures& row, const std::string& arm, const char* key) {
  const ArmSummary* summary = row.arm(arm);
  return summary == nullptr ? std::nullopt : summary->median_of(key);
}

}  // namespace

std::vector<Series> series_of(const SuiteFigures& figures) {
  std::vector<Series> all;
  for (const RowFigures& row : figures.rows) {
    const std::string& name = row.run->row.series;
    if (all.empty() || all.back().name != name) all.push_back({name, {}});
    all.back().rows.push_back(&row);
  }
  return all;
}

std::optional<Spread> spread_of(const Series& series, const std::string& arm) {
  std::vector<const RowFigures*> rows;
  std::copy_if(series.rows.begin(), series.rows.end(), std::back_inserter(rows),
               [&](const RowFigures* row) { return median_on(*row, arm, kCpuPerOp).has_value(); });
  if (rows.size() < 2) return std::nullopt;
  const auto [least, most] =
      std::minmax_element(rows.begin(), rows.end(), [&](const RowFigures* a, const RowFigures* b) {
        return *median_on(*a, arm, kCpuPerOp) < *median_on(*b, arm, kCpuPerOp);
      });
  const auto ratio = ratio_by_rounds(values_by_round(*(*most)->run, arm, kCpuPerOp),
                                     values_by_round(*(*least)->run, arm, kCpuPerOp));
  if (!ratio) return std::nullopt;
  return Spread{*least, *most, *ratio};
}

std::optional<double> efficiency_of(const Series& series, const RowFigures& row,
                                    const std::string& arm, unsigned cpus) {
  const auto alone = median_on(*series.rows.front(), arm, kSpeed);
  const auto speed = median_on(row, arm, kSpeed);
  if (!alone || !speed || *alone <= 0) return std::nullopt;
  return *speed / (*alone * std::min(row.run->row.at, static_cast<double>(cpus)));
}

}  // namespace tamari::lab
