// `tamari bench scaling`: the default lanes with one thread, two, four and so on to 64, under
// tamari and every peer, in interleaved rounds.
#pragma once

#include <string>

#include "lab/suite/suite_options.h"

namespace tamari::lab {

struct ScalingOptions : SuiteChoice {
  std::string bench;  // path of bench_random_mixed_mt_remote, empty: beside the command
};

// Returns the exit status of the command.
int bench_scaling(const ScalingOptions& options);

}  // namespace tamari::lab
