// See table.h.
#include "lab/table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace tamari::lab {

Table::Table(std::vector<std::string> heading, Cells cells) : cells_(cells) {
  rows_.push_back({std::move(heading), true});
}

void Table::add(std::vector<std::string> row, bool emphasised) {
  rows_.push_back({std::move(row), emphasised});
}

std::string Table::render(bool colour) const {
  std::vector<std::size_t> widths(rows_.front().cells.size());
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      widths[i] = std::max(widths[i], row.cells[i].size());
    }
  }
  std::string text;
  for (const Row& row : rows_) {
    std::string line = fmt::format("{:<{}}", row.cells[0], widths[0]);
    for (std::size_t i = 1; i < row.cells.size(); ++i) {
      // Nothing stands behind the last column.
      const std::size_t width = i + 1 < row.cells.size() ? widths[i] : 0;
      line += cells_ == Cells::kFigures ? fmt::format("  {:>{}}", row.cells[i], widths[i])
                                        : fmt::format("  {:<{}}", row.cells[i], width);
    }
    text += colour && row.emphasised ? "\033[1m" + line + "\033[0m\n" : line + "\n";
  }
  return text;
}

bool colour_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

}  // namespace tamari::lab
