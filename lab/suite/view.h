// The report of a suite in words and tables, for every form of it but JSON.
#pragma once

#include <string>

#include "lab/document.h"
#include "lab/suite/standings.h"

namespace tamari::lab {

Document suite_document(const SuiteReport& report, const SuiteFigures& figures);

// Where and when it ran, what was typed, and how much of it is there.
std::vector<std::string> origin_lines(const SuiteReport& report);

// Samples without figures and why; rows and libraries. The same at the end of every document.
void add_closing_sections(const SuiteReport& report, Document& document);

}  // namespace tamari::lab
