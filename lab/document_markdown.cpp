// See document.h: the form for a repository's pages.
#include <fmt/format.h>

#include "lab/document.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// Words that neither a cell nor a reader of HTML takes for more than words.
std::string plain(const std::string& words) {
  std::string text;
  for (const char c : escape_html(words)) {
    text += c == '\n' ? std::string(" ") : c == '|' ? "\\|" : std::string(1, c);
  }
  return text;
}

std::string row_text(const std::vector<std::string>& cells) {
  return "| " + join(cells, " | ") + " |\n";
}

std::string cell_text(const TonedWords& words) {
  return words.tone == Tone::kBad ? fmt::format("**{}**", plain(words.words)) : plain(words.words);
}

std::string table_text(const DocumentTable& table) {
  std::vector<std::string> heading;
  std::vector<std::string> rules;
  for (const std::string& words : table.heading) {
    rules.emplace_back(heading.empty() || table.cells == Cells::kWords ? "---" : "--:");
    heading.push_back(plain(words));
  }
  std::string text = table.title.empty() ? "\n" : fmt::format("\n**{}**\n\n", plain(table.title));
  text += row_text(heading) + row_text(rules);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const TonedWords& words : row) cells.push_back(cell_text(words));
    text += row_text(cells);
  }
  return text;
}

}  // namespace

std::string markdown_text(const Document& document) {
  std::string text = fmt::format("## {}\n\n", plain(document.title));
  for (const std::string& line : document.origin) text += fmt::format("- {}\n", plain(line));
  for (const DocumentSection& section : document.sections) {
    if (!has_text(section)) continue;
    text += fmt::format("\n### {}\n", plain(section.title));
    for (const std::string& words : section.paragraphs) text += fmt::format("\n{}\n", plain(words));
    for (const DocumentTable& table : section.tables) text += table_text(table);
  }
  return text;
}

}  // namespace tamari::lab
