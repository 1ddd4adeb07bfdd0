// A plain table for a terminal. The first column is aligned left, figures are aligned right.
#pragma once

#include <string>
#include <vector>

namespace tamari::lab {

enum class Cells { kFigures, kWords };  // of all columns but the first

class Table {
 public:
  explicit Table(std::vector<std::string> heading, Cells cells = Cells::kFigures);
  void add(std::vector<std::string> row, bool emphasised = false);

  // `colour`: bold heading and emphasised rows; the text is the same without.
  std::string render(bool colour) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    bool emphasised;
  };
  Cells cells_;
  std::vector<Row> rows_;
};

// A terminal, and NO_COLOR is not set.
bool colour_wanted();

}  // namespace tamari::lab
