// `tamari bench growth`: what an operation costs under tamari and every peer while one dimension
// grows and all else stays, in interleaved rounds.
#pragma once

#include <string>

#include "lab/suite/suite_options.h"

namespace tamari::lab {

struct GrowthOptions : SuiteChoice {
  std::string bench;  // path of bench_growth, empty: beside the command
};

// Returns the exit status of the command.
int bench_growth(const GrowthOptions& options);

}  // namespace tamari::lab
