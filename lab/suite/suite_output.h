// What `tamari bench suite` and `tamari bench programs` leave behind: one form on standard output,
// and files that are whole after each round.
#pragma once

#include <string>

#include "lab/document.h"
#include "lab/suite/standings.h"

namespace tamari::lab {

struct SuiteOutput {
  bool json = false;      // on standard output, instead of the tables
  bool markdown = false;  // likewise
  std::string html;       // file names, empty: none
  std::string save;       // the JSON
};

// Before the first sample: a file that cannot be written is a CommandError.
void require_writable(const SuiteOutput& output);

void write_files(const SuiteReport& report, const SuiteOutput& output);
void print_report(const SuiteReport& report, const SuiteOutput& output);

// The report in words and tables, as its kind has them.
Document document_of(const SuiteReport& report, const SuiteFigures& figures);

// Of the command: interrupted, a sample failed or an arm was refused, done.
int exit_status(const SuiteReport& report);

// The command line of this process, as a shell would read it, without the folder of the program.
std::string typed_command();

}  // namespace tamari::lab
