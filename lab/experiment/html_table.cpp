// See html_table.h.
#include "lab/experiment/html_table.h"

#include <fmt/format.h>

#include "lab/experiment/svg.h"
#include "lab/text.h"

namespace tamari::lab {

std::string cell(const std::string& words) { return escape_html(svg::typographic(words)); }

std::string toned_cell(Tone tone, const std::string& words) {
  return fmt::format("<b class=\"{}\">{}</b>", css_of(tone), cell(words));
}

std::string code_cell(const std::string& words) {
  return words.empty() ? "-" : fmt::format("<code>{}</code>", escape_html(words));
}

std::string reason_cell(const std::string& words) {
  return fmt::format("<div class=\"reason\">{}</div>", cell(words));
}

std::string unbroken_cell(const std::string& words) {
  return fmt::format("<span class=\"whole\">{}</span>", cell(words));
}

HtmlTable::HtmlTable(const std::vector<std::string>& headings, Cells cells) : cells_(cells) {
  for (const std::string& heading : headings) {
    head_ += fmt::format("<th scope=\"col\">{}</th>", escape_html(heading));
  }
}

void HtmlTable::add(const std::vector<std::string>& cells) {
  rows_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    rows_ += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", cells[i])
                    : fmt::format("<td>{}</td>", cells[i]);
  }
  rows_ += "</tr>\n";
}

std::string HtmlTable::render() const {
  return fmt::format(
      "<div "
      "class=\"wide\"><table{}><thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      cells_ == Cells::kWords ? " class=\"words\"" : "", head_, rows_);
}

std::string details(const std::string& summary, const std::string& body) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", cell(summary), body);
}

}  // namespace tamari::lab
