// What `tamari ab` and `tamari sweep` print on a terminal; the verdict is the last line.
#pragma once

#include <string>

#include "lab/experiment/report.h"

namespace tamari::lab {

std::string terminal_report(const Report& report, bool colour);

// What is about to be done, for printing before the first sample: the arms, the length or stopping
// rule of each stage with its gates, the order and the seed.
std::string announcement(const Plan& plan);

}  // namespace tamari::lab
