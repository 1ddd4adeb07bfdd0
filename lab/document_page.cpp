// See document.h: the HTML page, complete in itself.
#include <fmt/format.h>

#include "lab/document.h"
#include "lab/experiment/html_table.h"
#include "lab/page.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

std::string table_html(const DocumentTable& table) {
  const auto cells =
      table.cells == Cells::kWords ? HtmlTable::Cells::kWords : HtmlTable::Cells::kFigures;
  HtmlTable html(table.heading, cells);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells_html;
    for (const TonedWords& words : row) {
      cells_html.push_back(words.tone == Tone::kPlain ? unbroken_cell(words.words)
                                                      : toned_cell(words.tone, words.words));
    }
    html.add(cells_html);
  }
  const std::string title =
      table.title.empty() ? "" : fmt::format("<h3>{}</h3>\n", escape_html(table.title));
  return title + html.render();
}

std::string section_html(const DocumentSection& section) {
  std::string body;
  for (const std::string& words : section.paragraphs) {
    body += fmt::format("<p>{}</p>\n", escape_html(words));
  }
  body += section.figure;
  for (const DocumentTable& table : section.tables) body += table_html(table);
  const std::string title = fmt::format("<h2>{}</h2>\n", escape_html(section.title));
  return title + (section.folded ? details("Show the tables", body) : body);
}

}  // namespace

std::string page_text(const Document& document) {
  std::string body = fmt::format("<h1>{}</h1>\n<p class=\"soft\">", escape_html(document.title));
  for (const std::string& line : document.origin) body += escape_html(line) + "<br>\n";
  body += "</p>\n";
  for (const DocumentSection& section : document.sections) body += section_html(section);
  return html_page(document.title, body, PageWidth::kFigures);
}

}  // namespace tamari::lab
