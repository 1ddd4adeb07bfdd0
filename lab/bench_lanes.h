// `tamari bench lanes`: every arm on every chosen lane, interleaved, with intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/contestants.h"
#include "lab/environment.h"
#include "lab/lane_runner.h"
#include "lab/lanes.h"

namespace tamari::lab {

struct BenchLanesOptions {
  ContestantChoice contestants;
  std::vector<std::string> lanes;  // empty: the default ones
  LaneOverrides overrides;
  std::optional<std::size_t> runs;
  std::uint64_t settle_ms = 100;
  std::uint64_t seed = 1;
  double timeout_s = 600;
  bool list = false;
  bool json = false;
  std::string html;  // file name, empty: none
  std::string bench;
};

// All that a report is written from.
struct BenchReport {
  Machine machine;
  SampleSettings settings;
  std::string bench_sha256;
  Contestants contestants;
  std::vector<LaneRun> lanes;
  bool interrupted = false;
};

// Returns the exit status of the command.
int bench_lanes(const BenchLanesOptions& options);

}  // namespace tamari::lab
