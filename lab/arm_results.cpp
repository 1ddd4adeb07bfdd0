// See arm_results.h.
#include "lab/arm_results.h"

#include <algorithm>
#include <set>

#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kTamari[] = "tamari";

bool is_peer(const std::string& arm) { return arm != kTamari && arm.rfind(kTamariVariant, 0) != 0; }

std::set<std::string> metric_keys(const ArmSamples& run) {
  std::set<std::string> keys;
  for (const Sample& sample : run.samples) {
    for (const auto& entry : sample.values) keys.insert(entry.first);
  }
  return keys;
}

ArmSummary summarise_arm(const ArmSamples& run, const std::string& arm,
                         MetricTest interval_wanted) {
  ArmSummary summary;
  summary.arm = arm;
  for (const Sample& sample : run.samples) {
    if (sample.arm == arm) ++(sample.good() ? summary.good : summary.failed);
  }
  for (const std::string& key : metric_keys(run)) {
    const std::vector<double> values = values_of(run, arm, key);
    MetricSummary& metric = summary.metrics[key];
    metric.median = median(values);
    if (interval_wanted == nullptr || interval_wanted(key))
      metric.interval = median_interval(values);
  }
  return summary;
}

}  // namespace

std::optional<double> ArmSummary::median_of(const std::string& key) const {
  const auto found = metrics.find(key);
  return found == metrics.end() ? std::nullopt : found->second.median;
}

std::string MetricColumn::words_for(const ArmSummary& arm) const {
  return format_or_dash(arm.median_of(metric), decimals, unit);
}

std::vector<double> values_of(const ArmSamples& run, const std::string& arm,
                              const std::string& key) {
  std::vector<double> values;
  for (const Sample& sample : run.samples) {
    if (sample.arm != arm) continue;
    if (const auto value = sample.value(key)) values.push_back(*value);
  }
  return values;
}

std::map<std::size_t, double> values_by_round(const ArmSamples& run, const std::string& arm,
                                              const std::string& key) {
  std::map<std::size_t, double> values;
  for (const Sample& sample : run.samples) {
    if (sample.arm != arm) continue;
    if (const auto value = sample.value(key)) values[sample.round] = *value;
  }
  return values;
}

std::optional<Ratio> ratio_by_rounds(const std::map<std::size_t, double>& numerators,
                                     const std::map<std::size_t, double>& denominators) {
  std::vector<double> above;
  std::vector<double> below;
  for (const auto& [round, value] : numerators) {
    const auto other = denominators.find(round);
    if (other == denominators.end()) continue;
    above.push_back(value);
    below.push_back(other->second);
  }
  return paired_ratio(above, below);
}

std::optional<Ratio> ratio_to(const ArmSamples& run, const std::string& peer,
                              const std::string& key) {
  return ratio_by_rounds(values_by_round(run, kTamari, key), values_by_round(run, peer, key));
}

std::optional<Standing> against_best(const ArmSamples& run, const std::string& key, Best best) {
  std::optional<double> found;
  std::string best_peer;
  for (const std::string& arm : run.arms) {
    const auto middle = median(values_of(run, arm, key));
    if (!is_peer(arm) || !middle) continue;
    if (found && (best == Best::kLeast ? *middle >= *found : *middle <= *found)) continue;
    found = middle;
    best_peer = arm;
  }
  const auto ratio = found ? ratio_to(run, best_peer, key) : std::nullopt;
  if (!ratio) return std::nullopt;
  return Standing{best_peer, *ratio};
}

std::vector<ArmSummary> summarise_arms(const ArmSamples& run, MetricTest interval_wanted) {
  std::vector<ArmSummary> summaries;
  for (const std::string& arm : run.arms) {
    summaries.push_back(summarise_arm(run, arm, interval_wanted));
  }
  return summaries;
}

}  // namespace tamari::lab
