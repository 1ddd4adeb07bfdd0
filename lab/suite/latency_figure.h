// Histograms of latency as inline SVG: one strip an allocator, one cell a doubling of the time, the
// darker the more calls.
#pragma once

#include <map>
#include <string>

#include "lab/arm_results.h"

namespace tamari::lab {

// Calls by i, where a call took less than 2^i ns and not less than half of it; the sum over the
// good samples. `call` is malloc or free.
std::map<int, double> latency_histogram(const ArmSamples& run, const std::string& arm,
                                        const std::string& call);

// malloc beside free; empty without a good sample.
std::string latency_figures(const std::string& title, const ArmSamples& run);

}  // namespace tamari::lab
