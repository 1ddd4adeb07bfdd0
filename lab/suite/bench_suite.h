// `tamari bench suite`: every workload of bench_suite under tamari and every peer, in interleaved
// rounds.
#pragma once

#include <string>

#include "lab/suite/suite_options.h"

namespace tamari::lab {

struct SuiteOptions : SuiteChoice {
  bool settle = false;
  bool latency = false;
  std::string bench;  // path of bench_suite, empty: beside the command
};

// Returns the exit status of the command.
int bench_suite(const SuiteOptions& options);

}  // namespace tamari::lab
