// What the reports of `tamari bench growth` and `tamari bench scaling` share: a table with a line
// for each allocator and a column for each row of a series, the same as curves, and who is not in
// them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lab/document.h"
#include "lab/suite/series.h"

namespace tamari::lab {

// One figure of each allocator on each row.
struct SeriesFigure {
  std::string title;
  std::string note;  // beside the title of the curves
  int decimals = 1;
  std::function<std::optional<double>(const RowFigures& row, const std::string& arm)> value;
};

// The median of a metric in multiples of `unit`.
SeriesFigure median_figure(const std::string& title, const std::string& note, const char* key,
                           double unit, int decimals);

DocumentTable series_table(const Series& series, const SuiteReport& report,
                           const SeriesFigure& figure);
std::string series_curves(const Series& series, const SuiteReport& report,
                          const SeriesFigure& figure);

// True if any allocator has the figure on any row.
bool has_figure(const Series& series, const SuiteReport& report, const SeriesFigure& figure);

// Allocators and rows that did not run, and why.
std::vector<std::string> absent_lines(const SuiteReport& report);

}  // namespace tamari::lab
