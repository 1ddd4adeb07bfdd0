// See series_view.h.
#include "lab/suite/series_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/suite/curve_figure.h"
#include "lab/suite/details.h"
#include "lab/suite/view.h"
#include "lab/text.h"

namespace tamari::lab {

namespace {

DocumentTable series_table(const Series& series, const SuiteReport& report,
                           const SeriesFigure& figure) {
  DocumentTable table;
  table.title = figure.title;
  table.heading = {"allocator"};
  for (const RowFigures* row : series.rows) table.heading.push_back(row->run->row.label);
  for (const Arm& arm : report.contestants.arms) {
    std::vector<TonedWords> cells = {arm.name};
    for (const RowFigures* row : series.rows) {
      cells.emplace_back(format_or_dash(figure.value(*row, arm.name), figure.decimals));
    }
    table.rows.push_back(cells);
  }
  return table;
}

std::string series_curves(const Series& series, const SuiteReport& report,
                          const SeriesFigure& figure) {
  CurveChart chart;
  chart.title = series.name + ": " + figure.title;
  chart.note = figure.note;
  for (const RowFigures* row : series.rows) {
    chart.at.push_back(row->run->row.at);
    chart.labels.push_back(row->run->row.label);
  }
  for (const Arm& arm : report.contestants.arms) {
    Curve curve{arm.name, {}};
    for (const RowFigures* row : series.rows) {
      curve.values.push_back(figure.value(*row, arm.name));
    }
    chart.curves.push_back(curve);
  }
  return curve_figure(chart);
}

// True if any allocator has the figure on any row.
bool has_figure(const Series& series, const SuiteReport& report, const SeriesFigure& figure) {
  return std::any_of(series.rows.begin(), series.rows.end(), [&](const RowFigures* row) {
    return std::any_of(report.contestants.arms.begin(), report.contestants.arms.end(),
                       [&](const Arm& arm) { return figure.value(*row, arm.name).has_value(); });
  });
}

// Allocators and rows that did not run, and why.
std::vector<std::string> absent_lines(const SuiteReport& report) {
  std::vector<std::string> lines;
  for (const MissingPeer& peer : report.contestants.missing) {
    lines.push_back(fmt::format("{}: not installed: {}", peer.name, peer.advice));
  }
  for (const RefusedArm& arm : report.contestants.refused) {
    lines.push_back(fmt::format("{}: refused, does not own malloc: {}", arm.name, arm.reason));
  }
  for (const MissingRow& row : report.missing_rows) {
    lines.push_back(fmt::format("{}: {}", row.name, row.reason));
  }
  return lines;
}

}  // namespace

SeriesFigure median_figure(const std::string& title, const std::string& note, const char* key,
                           double unit, int decimals) {
  const auto value = [key, unit](const RowFigures& row,
                                 const std::string& arm) -> std::optional<double> {
    const ArmSummary* summary = row.arm(arm);
    const auto median = summary == nullptr ? std::nullopt : summary->median_of(key);
    return median ? std::optional<double>(*median / unit) : std::nullopt;
  };
  return {title, note, decimals, value};
}

DocumentSection figures_section(const SuiteReport& report, const Series& series,
                                const std::vector<SeriesFigure>& figures) {
  DocumentSection section;
  section.title = fmt::format("{}: {}", series.name, series.rows.front()->run->row.about);
  section.figure = "<div class=\"pair\">\n";
  for (const SeriesFigure& figure : figures) {
    if (!has_figure(series, report, figure)) continue;
    section.figure += series_curves(series, report, figure);
    section.tables.push_back(series_table(series, report, figure));
  }
  section.figure += "</div>\n";
  return section;
}

Document series_document(const std::string& title, const SuiteReport& report,
                         const SuiteFigures& figures, const SeriesSections& sections) {
  const std::vector<Series> all = series_of(figures);
  DocumentSection summary = sections.summary(report, all);
  for (const std::string& line : absent_lines(report)) summary.paragraphs.push_back(line);
  std::vector<DocumentSection> parts = {summary};
  for (const Series& series : all) parts.push_back(sections.of_one(report, series));
  parts.push_back(details_section(figures));
  return suite_document(title, report, parts);
}

}  // namespace tamari::lab
