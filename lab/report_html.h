// One self-contained page: per lane two bar charts with interval whiskers, and the table. No
// script, no network, light and dark.
#pragma once

#include <string>

#include "lab/bench_lanes.h"

namespace tamari::lab {

std::string html_report(const BenchReport& report);

}  // namespace tamari::lab
