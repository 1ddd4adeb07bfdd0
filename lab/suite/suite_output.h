// From the rows that are to run to the exit status: the rounds, the reports, what a user who
// interrupts gets.
#pragma once

#include <string>

#include "lab/document.h"
#include "lab/suite/rounds.h"
#include "lab/suite/standings.h"
#include "lab/suite/suite_options.h"

namespace tamari::lab {

struct SuiteDefaults {
  std::size_t runs;
  std::size_t quick_runs;
  double quick_scale;
};

// The amount of work that was asked for.
double scale_of(const SuiteChoice& choice, const SuiteDefaults& defaults);

// Fills in what every suite has: how often, how much, by whom, on which machine. A file that cannot
// be written is a CommandError.
SuiteReport prepare_report(SuiteKind kind, const SuiteChoice& choice,
                           const SuiteDefaults& defaults);

// Runs the rounds, writes the files after each, prints the report, returns the exit status. A file
// that cannot be written any more costs no sample: it is a CommandError when the report is printed.
int conduct(const Sampling& sampling, const SuiteOutput& output, SuiteReport& report);

// The report in words and tables, as its kind has them.
Document document_of(const SuiteReport& report, const SuiteFigures& figures);

// Of the command: interrupted, a sample failed or an arm was refused, done.
int exit_status(const SuiteReport& report);

}  // namespace tamari::lab
