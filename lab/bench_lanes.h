// `tamari bench lanes`: every arm on every chosen lane, interleaved, with intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/environment.h"
#include "lab/lane_runner.h"
#include "lab/lanes.h"
#include "lab/peers.h"

namespace tamari::lab {

struct BenchLanesOptions {
  std::string peers = "auto";
  std::vector<std::string> lanes;  // empty: the default ones
  LaneOverrides overrides;
  std::optional<std::size_t> runs;
  std::vector<std::string> settings;  // key=value, from --set
  std::uint64_t settle_ms = 100;      // long enough to look at the maps of the shortest sample
  std::uint64_t seed = 1;
  double timeout_s = 600;
  bool list = false;
  bool json = false;
  std::string html;  // file name, empty: none
  std::string bench;
  std::string library;
};

// An arm that does not own malloc in its child never runs.
struct RefusedArm {
  std::string name;
  std::string reason;
};

// All that a report is written from.
struct BenchReport {
  Machine machine;
  SampleSettings settings;
  std::string bench_sha256;
  std::vector<Arm> arms;
  std::vector<RefusedArm> refused;
  std::vector<std::string> notes;
  std::vector<LaneRun> lanes;
  bool interrupted = false;
};

// Returns the exit status of the command.
int bench_lanes(const BenchLanesOptions& options);

}  // namespace tamari::lab
