// Runs the samples of one lane: rounds in which every arm runs once, in a seeded random order, each
// in a fresh process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/experiment/progress.h"
#include "lab/lane_results.h"
#include "lab/lanes.h"
#include "lab/peers.h"

namespace tamari::lab {

struct SampleSettings {
  std::string bench;  // path of the benchmark program
  std::size_t runs = 0;
  std::uint64_t seed = 0;
  std::uint64_t settle_ms = 0;
  double timeout_s = 0;
};

// Stops after the sample during which the user interrupts; that sample is not recorded.
LaneRun run_lane(const Lane& lane, const std::vector<Arm>& arms, const SampleSettings& settings,
                 Progress& progress);

}  // namespace tamari::lab
