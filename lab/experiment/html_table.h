// A table of an HTML page: heading cells, and rows that each open with a heading cell.
#pragma once

#include <string>
#include <vector>

#include "lab/tone.h"

namespace tamari::lab {

// Plain text as the content of a cell.
std::string cell(const std::string& words);
// In the colour of its tone.
std::string toned_cell(Tone tone, const std::string& words);
std::string code_cell(const std::string& words);
// A sentence, which keeps some width on a narrow screen.
std::string reason_cell(const std::string& words);
std::string unbroken_cell(const std::string& words);

class HtmlTable {
 public:
  enum class Cells { kFigures, kWords };
  explicit HtmlTable(const std::vector<std::string>& headings, Cells cells = Cells::kFigures);
  // The cells are HTML, made by the functions above.
  void add(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  std::string render() const;

 private:
  std::string head_;
  std::string rows_;
  Cells cells_;
};

// What is shown only when asked for.
std::string details(const std::string& summary, const std::string& body);

}  // namespace tamari::lab
