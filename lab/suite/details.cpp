// See details.h.
#include "lab/suite/details.h"

#include <fmt/format.h>

#include <algorithm>

namespace tamari::lab {
namespace {

// A column that nobody has a figure for is left out.
constexpr MetricColumn kColumns[] = {
    {"s", kSeconds, 1, 3},
    {"k ops/s", "ops/s", 1e3, 1},
    {"CPU s", kCpu, 1, 3},
    {"CPU ns/op", kCpuPerOp, 1, 1},
    {"peak MiB", kPeak, kKibPerMib, 1},
    {"settled MiB", kSettled, kKibPerMib, 1},
    {"after 1 s", kSettled1s, kKibPerMib, 1},
    {"after 10 s", kSettled10s, kKibPerMib, 1},
    {"MiB s", kIntegral, 1, 1},
    {"k faults", kFaults, 1e3, 1},
    {"VMAs", kVmas, 1, 0},
};

std::vector<MetricColumn> used_columns(const SuiteFigures& figures) {
  const auto used = [&](const MetricColumn& column) {
    return std::any_of(figures.rows.begin(), figures.rows.end(), [&](const RowFigures& row) {
      return std::any_of(row.arms.begin(), row.arms.end(), [&](const ArmSummary& arm) {
        return arm.median_of(column.metric).has_value();
      });
    });
  };
  std::vector<MetricColumn> columns;
  std::copy_if(std::begin(kColumns), std::end(kColumns), std::back_inserter(columns), used);
  return columns;
}

std::string interval_words(const ArmSummary& arm, const char* key) {
  const auto found = arm.metrics.find(key);
  if (found == arm.metrics.end() || !found->second.interval) return "-";
  return fmt::format("[{:.3f}, {:.3f}]", found->second.interval->low, found->second.interval->high);
}

std::vector<TonedWords> arm_row(const RowFigures& row, const ArmSummary& arm,
                                const std::vector<MetricColumn>& columns) {
  std::vector<TonedWords> cells = {row.run->row.name, arm.arm};
  for (const MetricColumn& column : columns) {
    cells.emplace_back(column.words_for(arm));
    if (column.metric == kSeconds) cells.emplace_back(interval_words(arm, kSeconds));
  }
  cells.emplace_back(fmt::format("{}/{}", arm.failed, arm.good + arm.failed),
                     arm.failed > 0 ? Tone::kBad : Tone::kPlain);
  return cells;
}

// The folder would tell of the machine more than of the library.
std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

DocumentSection details_section(const SuiteFigures& figures) {
  DocumentSection section;
  section.title = "Every allocator on every row";
  section.folded = true;
  const std::vector<MetricColumn> columns = used_columns(figures);
  DocumentTable table;
  table.heading = {"row", "allocator"};
  for (const MetricColumn& column : columns) {
    table.heading.emplace_back(column.heading);
    if (column.metric == kSeconds) table.heading.emplace_back("95 % interval");
  }
  table.heading.emplace_back("failed");
  for (const RowFigures& row : figures.rows) {
    for (const ArmSummary& arm : row.arms) table.rows.push_back(arm_row(row, arm, columns));
  }
  section.tables.push_back(table);
  return section;
}

DocumentSection failures_section(const SuiteReport& report) {
  DocumentSection section;
  section.title = "Samples without figures";
  for (const RowRun& run : report.rows) {
    for (const Sample& sample : run.samples) {
      if (sample.good()) continue;
      section.paragraphs.push_back(fmt::format("{}, {}, round {}: {}", run.row.name, sample.arm,
                                               sample.round + 1, sample.failure));
    }
  }
  return section;
}

DocumentSection libraries_section(const SuiteReport& report) {
  constexpr std::size_t kHashLetters = 16;
  DocumentSection section;
  section.title = "Libraries";
  DocumentTable table;
  table.cells = Cells::kWords;
  table.heading = {"allocator", "library", "sha256", "settings"};
  for (const Arm& arm : report.contestants.arms) {
    table.rows.push_back(
        {arm.name, file_name(arm.library), arm.sha256.substr(0, kHashLetters), arm.settings});
  }
  section.tables.push_back(table);
  return section;
}

}  // namespace tamari::lab
