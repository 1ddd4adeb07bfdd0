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

// The arms whose samples are too short for the threads to have taken turns, with their seconds.
std::vector<std::string> short_arms(const ArmSamples& run);

// The arms that sent the least and the most of their releases to another thread, where these are so
// far apart that the arms did not do the same work.
struct RemoteShare {
  std::string arm;
  double share = 0;  // per cent
};
struct RemoteShares {
  RemoteShare least;
  RemoteShare most;
};
std::optional<RemoteShares> unequal_remote_shares(const ArmSamples& run);

// Fastest first; arms without a good sample last.
std::vector<ArmSummary> summarise(const LaneRun& run);

std::optional<Standing> against_fastest(const LaneRun& run);
std::optional<Standing> against_leanest(const LaneRun& run, const std::string& memory_metric);

// What a reader must know before trusting the lane: samples too short for the threads to have
// taken turns, or arms that did not do the same work.
std::vector<std::string> cautions(const LaneRun& run);

}  // namespace tamari::lab
