// A report as paragraphs, figures and tables, and its three forms: a terminal's, Markdown and one
// HTML page. The words carry the meaning; a tone only colours it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/table.h"
#include "lab/tone.h"

namespace tamari::lab {

struct TonedWords {
  std::string words;
  Tone tone = Tone::kPlain;

  TonedWords(std::string plain) : words(std::move(plain)) {}
  TonedWords(const char* plain) : words(plain) {}
  TonedWords(std::string toned, Tone how) : words(std::move(toned)), tone(how) {}
};

struct DocumentTable {
  std::string title;  // empty: none
  std::vector<std::string> heading;
  std::vector<std::vector<TonedWords>> rows;
  Cells cells = Cells::kFigures;
};

struct DocumentSection {
  std::string title;
  std::vector<std::string> paragraphs;
  std::string figure;  // HTML; a section of figures alone is the page's only
  std::vector<DocumentTable> tables;
  bool folded = false;  // the page shows it when asked
};

struct Document {
  std::string title;
  std::vector<std::string> origin;  // machine, date, command
  std::vector<DocumentSection> sections;
};

// True of a section that has something for a reader of text.
bool has_text(const DocumentSection& section);

std::string terminal_text(const Document& document, bool colour);
std::string markdown_text(const Document& document);
std::string page_text(const Document& document);

}  // namespace tamari::lab
