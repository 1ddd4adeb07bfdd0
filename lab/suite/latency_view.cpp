// See latency_view.h.
#include "lab/suite/latency_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "lab/suite/latency_figure.h"
#include "lab/suite/view.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr const char* kCalls[] = {"malloc", "free"};

struct Percentile {
  const char* heading;
  const char* key;
};

constexpr Percentile kPercentiles[] = {
    {"p50", "_p50_ns"}, {"p99", "_p99_ns"}, {"p99.9", "_p99.9_ns"}, {"p99.99", "_p99.99_ns"}};
constexpr char kWorst[] = "_max_ns";

// Of all rounds: a median of maxima would hide what happened once.
std::optional<double> worst_of(const RowRun& run, const std::string& arm, const std::string& call) {
  const std::vector<double> values = values_of(run, arm, call + kWorst);
  if (values.empty()) return std::nullopt;
  return *std::max_element(values.begin(), values.end());
}

std::vector<std::string> heading(const std::vector<std::string>& first) {
  std::vector<std::string> words = first;
  for (const char* call : kCalls) {
    for (const Percentile& percentile : kPercentiles) {
      words.push_back(fmt::format("{} {}", call, percentile.heading));
    }
    words.push_back(fmt::format("{} worst", call));
  }
  return words;
}

std::vector<TonedWords> arm_row(const RowFigures& row, const ArmSummary& arm) {
  std::vector<TonedWords> cells = {row.run->row.name, arm.arm};
  for (const std::string call : kCalls) {
    for (const Percentile& percentile : kPercentiles) {
      cells.emplace_back(format_or_dash(arm.median_of(call + percentile.key), 0));
    }
    cells.emplace_back(format_or_dash(worst_of(*row.run, arm.arm, call), 0));
  }
  return cells;
}

// Of the rows on which the arm has figures.
std::vector<double> medians_of(const SuiteFigures& figures, const std::string& arm,
                               const std::string& key) {
  std::vector<double> medians;
  for (const RowFigures& row : figures.rows) {
    const ArmSummary* summary = row.arm(arm);
    const double median = summary == nullptr ? 0 : summary->median_of(key).value_or(0);
    if (median > 0) medians.push_back(median);
  }
  return medians;
}

std::optional<double> worst_of_all(const SuiteFigures& figures, const std::string& arm,
                                   const std::string& call) {
  std::optional<double> worst;
  for (const RowFigures& row : figures.rows) {
    worst = std::max(worst, worst_of(*row.run, arm, call));
  }
  return worst;
}

void add_absent(const std::string& name, const std::string& reason, DocumentTable& table) {
  std::vector<TonedWords> cells = {name};
  cells.resize(table.heading.size() - 1, "-");
  cells.emplace_back(reason);
  table.rows.push_back(cells);
}

DocumentSection summary_section(const SuiteReport& report, const SuiteFigures& figures) {
  DocumentSection section;
  section.title = "All rows, ns";
  section.paragraphs = {
      "Percentiles are geometric means over the rows on which the allocator has figures, worst is "
      "the slowest call of all. Two readings of the clock are part of every figure."};
  DocumentTable table;
  table.heading = heading({"allocator", "rows"});
  table.heading.emplace_back("remark");
  for (const Arm& arm : report.contestants.arms) {
    const std::size_t rows =
        medians_of(figures, arm.name, std::string(kCalls[0]) + kPercentiles[0].key).size();
    std::vector<TonedWords> cells = {arm.name, std::to_string(rows)};
    for (const std::string call : kCalls) {
      for (const Percentile& percentile : kPercentiles) {
        const auto medians = medians_of(figures, arm.name, call + percentile.key);
        cells.emplace_back(format_or_dash(geometric_mean(medians), 0));
      }
      cells.emplace_back(format_or_dash(worst_of_all(figures, arm.name, call), 0));
    }
    cells.emplace_back(arm.settings);
    table.rows.push_back(cells);
  }
  for (const MissingPeer& peer : report.contestants.missing) {
    add_absent(peer.name, "not installed: " + peer.advice, table);
  }
  for (const RefusedArm& arm : report.contestants.refused) {
    add_absent(arm.name, "refused: " + arm.reason, table);
  }
  section.tables.push_back(table);
  return section;
}

DocumentSection rows_section(const SuiteReport& report, const SuiteFigures& figures) {
  DocumentSection section;
  section.title = "Every row, ns";
  DocumentTable table;
  table.heading = heading({"row", "allocator"});
  for (const RowFigures& row : figures.rows) {
    for (const ArmSummary& arm : row.arms) table.rows.push_back(arm_row(row, arm));
  }
  for (const MissingRow& row : report.missing_rows) {
    section.paragraphs.push_back(fmt::format("{}: {}", row.name, row.reason));
  }
  section.tables.push_back(table);
  return section;
}

DocumentSection histograms_section(const SuiteReport& report) {
  DocumentSection section;
  section.title = "Histograms";
  section.paragraphs = {"The darker a cell, the larger its share of the calls, by powers of ten."};
  for (const RowRun& run : report.rows) section.figure += latency_figures(run.row.name, run);
  return section;
}

}  // namespace

Document latency_document(const SuiteReport& report, const SuiteFigures& figures) {
  return suite_document("tamari bench suite --latency", report,
                        {summary_section(report, figures), histograms_section(report),
                         rows_section(report, figures)});
}

}  // namespace tamari::lab
