// The report of a suite in words and tables, for every form of it but JSON.
#pragma once

#include <string>
#include <vector>

#include "lab/document.h"
#include "lab/suite/standings.h"

namespace tamari::lab {

// The same of every kind of suite: what ran where and when, and how much of it is there; then the
// sections; then samples without figures and why, and the libraries.
Document suite_document(const std::string& title, const SuiteReport& report,
                        std::vector<DocumentSection> sections);

// Of workloads or of programs.
Document workloads_document(const SuiteReport& report, const SuiteFigures& figures);

}  // namespace tamari::lab
