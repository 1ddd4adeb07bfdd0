// The command line of bench_growth.
#pragma once

#include <cstdint>

#include "bench/growth/dimension.h"

namespace tamari::bench {

struct GrowthOptions {
  const Dimension* dimension = nullptr;
  Growth growth;
  std::uint64_t settle_ms = 0;
};

// A wrong word is reported on stderr and ends the process with status 2; --help and --list end it
// with status 0.
GrowthOptions parse_growth_options(int argc, char** argv);

}  // namespace tamari::bench
