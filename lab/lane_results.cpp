// See lane_results.h.
#include "lab/lane_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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
  std::vector<std::string> brief;
  for (const std::string& arm : run.arms) {
    const auto seconds = median(values_of(run, arm, kSeconds));
    if (seconds && *seconds < kShortSample_s)
      brief.push_back(fmt::format("{} {:.2f} s", arm, *seconds));
  }
  if (brief.empty()) return;
  lines.push_back(fmt::format("samples too short for the threads to take turns ({}): raise --iters",
                              join(brief, ", ")));
}

void caution_unequal_work(const LaneRun& run, std::vector<std::string>& lines) {
  std::vector<std::pair<double, std::string>> shares;
  for (const std::string& arm : run.arms) {
    if (const auto share = median(values_of(run, arm, kRemote))) shares.emplace_back(*share, arm);
  }
  if (shares.empty()) return;
  const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
  if (most->first - least->first < kUnequalWork) return;
  lines.push_back(
      fmt::format("not the same work: the effective remote share is {:.1f} % for {} and {:.1f} % "
                  "for {}; see the "
                  "lanes named _equal, or --ring 4096 --matched",
                  least->first, least->second, most->first, most->second));
}

}  // namespace

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
