// For a continuous build: one test case for each gate of each arm. A gate that failed is a failure;
// one that is undecided or blind is skipped, with the reason, because it shows neither that the
// change is good nor that it is bad (the exit status tells it apart from success); one that could
// not be measured, and an arm that is INVALID, is an error.
#pragma once

#include <string>

#include "lab/experiment/report.h"

namespace tamari::lab {

std::string junit_report(const Report& report);

}  // namespace tamari::lab
