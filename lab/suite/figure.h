// The ratios of a suite as inline SVG: one bar a row from "as good as the best peer" to tamari, the
// other allocators as dots, the limit as a dashed line.
#pragma once

#include <string>

#include "lab/suite/standings.h"

namespace tamari::lab {

// Time beside peak RSS; empty if no row has a ratio.
std::string ratio_figures(const SuiteFigures& figures);

}  // namespace tamari::lab
