// The command line of bench_suite.
#pragma once

#include <cstdint>

#include "bench/suite/workload.h"

namespace tamari::bench {

struct Options {
  const Workload* workload = nullptr;
  double scale = 1;
  std::uint64_t threads = 0;  // 0: what the workload usually has
  std::uint64_t seed = 1;
  std::uint64_t settle_ms = 0;
  bool settle_curve = false;
  bool latency = false;
};

// A wrong word is reported on stderr and ends the process with status 2; --help and --list end it
// with status 0.
Options parse_options(int argc, char** argv);

}  // namespace tamari::bench
