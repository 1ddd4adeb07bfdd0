// See document.h: the form for a terminal.
#include <fmt/format.h>

#include "lab/document.h"

namespace tamari::lab {
namespace {

std::string table_text(const DocumentTable& table, bool colour) {
  Table text(table.heading, table.cells);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const TonedWords& words : row) cells.push_back(words.words);
    text.add(std::move(cells));
  }
  const std::string title = table.title.empty() ? "" : "\n" + table.title + "\n";
  return title + text.render(colour);
}

}  // namespace

bool has_text(const DocumentSection& section) {
  return section.figure.empty() || !section.tables.empty();
}

std::string terminal_text(const Document& document, bool colour) {
  std::string text = document.title + "\n";
  for (const std::string& line : document.origin) text += line + "\n";
  for (const DocumentSection& section : document.sections) {
    if (!has_text(section)) continue;
    text +=
        colour ? fmt::format("\n\033[1m{}\033[0m\n", section.title) : "\n" + section.title + "\n";
    for (const std::string& words : section.paragraphs) text += words + "\n";
    for (const DocumentTable& table : section.tables) text += table_text(table, colour);
  }
  return text;
}

}  // namespace tamari::lab
