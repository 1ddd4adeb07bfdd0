// See lane_results.h.
#include "lab/lane_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kTamari[] = "tamari";

// About ten turns of 16 threads on 2 CPUs.
constexpr double kShortSample_s = 0.2;
// Percentage points of effective remote share.
constexpr double kUnequalWork = 3;

std::set<std::string> metric_keys(const LaneRun& run) {
  std::set<std::string> keys;
  for (const Sample& sample : run.samples) {
    for (const auto& entry : sample.values) keys.insert(entry.first);
  }
  return keys;
}

std::vector<double> values_of(const LaneRun& run, const std::string& arm, const std::string& key) {
  std::vector<double> values;
  for (const Sample& sample : run.samples) {
    if (sample.arm != arm) continue;
    if (const auto value = sample.value(key)) values.push_back(*value);
  }
  return values;
}

std::map<std::size_t, double> values_by_round(const LaneRun& run, const std::string& arm,
                                              const std::string& key) {
  std::map<std::size_t, double> values;
  for (const Sample& sample : run.samples) {
    if (sample.arm != arm) continue;
    if (const auto value = sample.value(key)) values[sample.round] = *value;
  }
  return values;
}

// Over the rounds in which both have a value.
std::optional<Ratio> ratio_to(const LaneRun& run, const std::string& peer, const std::string& key) {
  const auto mine = values_by_round(run, kTamari, key);
  const auto theirs = values_by_round(run, peer, key);
  std::vector<double> numerators;
  std::vector<double> denominators;
  for (const auto& [round, value] : mine) {
    const auto other = theirs.find(round);
    if (other == theirs.end()) continue;
    numerators.push_back(value);
    denominators.push_back(other->second);
  }
  return paired_ratio(numerators, denominators);
}

// The peer with the best median, as `better(a, b)` says.
template <typename Better>
std::optional<Standing> against_best(const LaneRun& run, const std::string& key, Better better) {
  std::optional<double> best;
  std::string best_peer;
  for (const std::string& arm : run.arms) {
    const auto middle = median(values_of(run, arm, key));
    if (arm == kTamari || !middle || (best && !better(*middle, *best))) continue;
    best = middle;
    best_peer = arm;
  }
  const auto ratio = best ? ratio_to(run, best_peer, key) : std::nullopt;
  if (!ratio) return std::nullopt;
  return Standing{best_peer, *ratio};
}

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

ArmSummary summarise_arm(const LaneRun& run, const std::string& arm) {
  ArmSummary summary;
  summary.arm = arm;
  for (const Sample& sample : run.samples) {
    if (sample.arm == arm) ++(sample.good() ? summary.good : summary.failed);
  }
  for (const std::string& key : metric_keys(run)) {
    const std::vector<double> values = values_of(run, arm, key);
    summary.metrics[key] = {median(values), median_interval(values)};
  }
  return summary;
}

}  // namespace

std::optional<double> ArmSummary::median_of(const std::string& key) const {
  const auto found = metrics.find(key);
  return found == metrics.end() ? std::nullopt : found->second.median;
}

std::vector<ArmSummary> summarise(const LaneRun& run) {
  std::vector<ArmSummary> summaries;
  for (const std::string& arm : run.arms) summaries.push_back(summarise_arm(run, arm));
  std::stable_sort(summaries.begin(), summaries.end(), [](const auto& a, const auto& b) {
    return a.median_of(kSpeed).value_or(-1) > b.median_of(kSpeed).value_or(-1);
  });
  return summaries;
}

std::optional<Standing> against_fastest(const LaneRun& run) {
  return against_best(run, kSpeed, std::greater<>());
}

std::optional<Standing> against_leanest(const LaneRun& run, const std::string& memory_metric) {
  return against_best(run, memory_metric, std::less<>());
}

std::vector<std::string> cautions(const LaneRun& run) {
  std::vector<std::string> lines;
  caution_short_samples(run, lines);
  caution_unequal_work(run, lines);
  return lines;
}

}  // namespace tamari::lab
