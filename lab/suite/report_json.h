// The report of a suite as JSON, schema tamari.bench.suite/1: every sample, and what follows.
#pragma once

#include <string>

#include "lab/suite/standings.h"

namespace tamari::lab {

std::string suite_json(const SuiteReport& report, const SuiteFigures& figures);

}  // namespace tamari::lab
