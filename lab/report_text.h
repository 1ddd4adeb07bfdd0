// The tables that `tamari bench lanes` prints on stdout.
#pragma once

#include <string>

#include "lab/bench_lanes.h"

namespace tamari::lab {

void print_lane_list(unsigned cpus);
void print_heading(const BenchReport& report);
void print_lane(const LaneRun& run);

// "tamari / best peer ...": one sentence for each lane; the HTML report uses it too.
std::string standing_line(const LaneRun& run);

// "1.32x [1.28, 1.36]".
std::string format_ratio(const Ratio& ratio);

}  // namespace tamari::lab
