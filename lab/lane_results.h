// The figures of one lane: the fastest first, how tamari stands to the fastest and the leanest
// peer, and what to know before trusting them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/arm_results.h"
#include "lab/lanes.h"

namespace tamari::lab {

inline constexpr char kSpeed[] = "ops/s";
inline constexpr char kCpuSpeed[] = "ops_per_cpu_s";
inline constexpr char kRemote[] = "remote_pct_effective";

// One lane of one command.
struct LaneRun : ArmSamples {
  Lane lane;
};

// Fastest first; arms without a good sample last.
std::vector<ArmSummary> summarise(const LaneRun& run);

std::optional<Standing> against_fastest(const LaneRun& run);
std::optional<Standing> against_leanest(const LaneRun& run, const std::string& memory_metric);

// What a reader must know before trusting the lane: samples too short for the threads to have
// taken turns, or arms that did not do the same work.
std::vector<std::string> cautions(const LaneRun& run);

}  // namespace tamari::lab
