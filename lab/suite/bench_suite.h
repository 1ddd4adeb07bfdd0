// `tamari bench suite`: every workload of bench_suite under tamari and every peer, in interleaved
// rounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/suite/suite_output.h"

namespace tamari::lab {

struct SuiteOptions {
  ContestantChoice contestants;
  std::vector<std::string> only;  // empty: every workload
  bool list = false;
  bool quick = false;
  bool settle = false;
  bool latency = false;
  std::optional<std::size_t> runs;
  std::optional<double> scale;
  std::uint64_t seed = 1;
  double timeout_s = 600;
  std::string bench;  // path of bench_suite, empty: beside the command
  SuiteOutput output;
};

// Returns the exit status of the command.
int bench_suite(const SuiteOptions& options);

}  // namespace tamari::lab
