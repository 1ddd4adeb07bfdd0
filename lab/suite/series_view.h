// What the reports of `tamari bench growth` and `tamari bench scaling` share: their order, and for
// each series tables with a line for each allocator and a column for each row, the same as curves.
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

// Of one series: each figure that any allocator has, as curves over its rows and as a table.
DocumentSection figures_section(const SuiteReport& report, const Series& series,
                                const std::vector<SeriesFigure>& figures);

struct SeriesSections {
  DocumentSection (*summary)(const SuiteReport& report, const std::vector<Series>& all);
  DocumentSection (*of_one)(const SuiteReport& report, const Series& series);
};

// The summary, with who and what did not run; each series; every figure.
Document series_document(const std::string& title, const SuiteReport& report,
                         const SuiteFigures& figures, const SeriesSections& sections);

}  // namespace tamari::lab
