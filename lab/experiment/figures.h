// The figures of an experiment as inline SVG, each complete with a title and a description in
// words.
#pragma once

#include <string>

#include "lab/experiment/report.h"

namespace tamari::lab {

// Forest plot: the interval of each arm, its blocks as dots, the gate and the A/A band.
std::string forest_figure(const Report& report, const View& view, const std::string& metric);

// Each sample in time order, one row an arm, all rows on one scale; failed ones are crosses.
std::string time_figure(const Report& report, const View& view, const std::string& metric);

// The leading metric against peak RSS, the better corner at the top left. Empty without an arm that
// has both.
std::string scatter_figure(const Report& report, const View& view);

}  // namespace tamari::lab
