// A made-up experiment for the tests of the reports: two stages, two lanes, one arm that wins, one
// that loses, one that is blind, a failed sample, a drift and an interruption. Always the same.
#pragma once

#include "lab/experiment/report.h"

namespace tamari::lab {

Report example_report();

// As `tamari ab` makes one: one stage, a program, no gate.
Report example_ab_report();

}  // namespace tamari::lab
