// `tamari bench programs`: real programs of Debian under tamari and every peer. What starts, loads,
// checks and stops each is a script of bench/programs.
#pragma once

#include "lab/suite/suite_options.h"

namespace tamari::lab {

struct ProgramsOptions : SuiteChoice {
  bool install = false;  // the packages that are missing, first
};

// Returns the exit status of the command.
int bench_programs(const ProgramsOptions& options);

}  // namespace tamari::lab
