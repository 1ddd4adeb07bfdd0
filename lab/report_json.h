// The machine-readable report: every sample, the summaries, and what they were measured on.
// Schema "tamari.bench.lanes/1"; a value that is unknown is null, never 0.
#pragma once

#include <string>

#include "lab/bench_lanes.h"

namespace tamari::lab {

std::string json_report(const BenchReport& report);

}  // namespace tamari::lab
