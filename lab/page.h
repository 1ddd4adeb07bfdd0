// The frame of every HTML page of the laboratory: one style sheet for light and dark, no script,
// nothing from the network.
#pragma once

#include <string>

namespace tamari::lab {

enum class PageWidth { kText, kFigures };

// `title` is plain text, `body` is HTML.
std::string html_page(const std::string& title, const std::string& body,
                      PageWidth width = PageWidth::kText);

}  // namespace tamari::lab
