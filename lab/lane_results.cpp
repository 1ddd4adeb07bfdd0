// See lane_results.h.
#include "lab/lane_results.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/text.h"

namespace tamari::lab {
namespace {

// About ten turns of 16 threads on 2 CPUs.
constexpr double kShortSample_s = 0.2;
// Percentage points of effective remote share.
constexpr double kUnequalWork = 3;

// The workloads of bench_suite order their threads themselves.
void caution_short_samples(const LaneRun& run, std::vector<std::string>& lines) {
  if (!run.lane.suite.empty()) return;
  const std::vector<std::string> brief = short_arms(run);
  if (brief.empty()) return;
  lines.push_back(fmt::format("samples too short for the threads to take turns ({}): raise --iters",
                              join(brief, ", ")));
}

void caution_unequal_work(const LaneRun& run, std::vector<std::string>& lines) {
  const auto shares = unequal_remote_shares(run);
  if (!shares) return;
  lines.push_back(
      fmt::format("not the same work: the effective remote share is {:.1f} % for {} and {:.1f} % "
                  "for {}; see the "
                  "lanes named _equal, or --ring 4096 --matched",
                  shares->least.share, shares->least.arm, shares->most.share, shares->most.arm));
}

}  // namespace

std::vector<std::string> short_arms(const ArmSamples& run) {
  std::vector<std::string> brief;
  for (const std::string& arm : run.arms) {
    const auto seconds = median(values_of(run, arm, kSeconds));
    if (seconds && *seconds < kShortSample_s)
      brief.push_back(fmt::format("{} {:.2f} s", arm, *seconds));
  }
  return brief;
}

std::optional<RemoteShares> unequal_remote_shares(const ArmSamples& run) {
  std::vector<RemoteShare> shares;
  for (const std::string& arm : run.arms) {
    if (const auto share = median(values_of(run, arm, kRemote))) shares.push_back({arm, *share});
  }
  if (shares.empty()) return std::nullopt;
  const auto [least, most] = std::minmax_element(
      shares.begin(), shares.end(),
      [](const RemoteShare& a, const RemoteShare& b) { return a.share < b.share; });
  if (most->share - least->share < kUnequalWork) return std::nullopt;
  return RemoteShares{*least, *most};
}

std::vector<ArmSummary> summarise(const LaneRun& run) {
  std::vector<ArmSummary> summaries = summarise_arms(run);
  std::stable_sort(summaries.begin(), summaries.end(), [](const auto& a, const auto& b) {
    return a.median_of(kSpeed).value_or(-1) > b.median_of(kSpeed).value_or(-1);
  });
  return summaries;
}

std::optional<Standing> against_fastest(const LaneRun& run) {
  return against_best(run, kSpeed, Best::kMost);
}

std::optional<Standing> against_leanest(const LaneRun& run, const std::string& memory_metric) {
  return against_best(run, memory_metric, Best::kLeast);
}

std::vector<std::string> cautions(const LaneRun& run) {
  std::vector<std::string> lines;
  caution_short_samples(run, lines);
  caution_unequal_work(run, lines);
  return lines;
}

}  // namespace tamari::lab
