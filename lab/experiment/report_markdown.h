// The report for a pull request: verdict, tables, and what it was measured on.
#pragma once

#include <string>

#include "lab/experiment/report.h"

namespace tamari::lab {

std::string markdown_report(const Report& report);

}  // namespace tamari::lab
