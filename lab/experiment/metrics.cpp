// See metrics.h.
#include "lab/experiment/metrics.h"

#include <algorithm>

namespace tamari::lab {

const std::vector<BuiltinMetric>& builtin_metrics() {
  constexpr Better kLow = Better::kLower;
  constexpr Better kHigh = Better::kHigher;
  static const std::vector<BuiltinMetric> kMetrics = {
      {"wall_s", {"time", "wall"}, "s", kLow, false, "from start to end of the process"},
      {"user_s", {"user"}, "s", kLow, false, "CPU time in the program"},
      {"system_s", {"system", "sys", "sys_s"}, "s", kLow, false, "CPU time in the kernel"},
      {"cpu_s", {"cpu"}, "s", kLow, false, "CPU time in both"},
      {"rss_peak_kib", {"rss", "peak"}, "KiB", kLow, false, "most memory resident"},
      {"rss_settled_kib", {"settled"}, "KiB", kLow, false, "memory resident after a pause"},
      {"minor_faults", {"faults"}, "", kLow, false, "page faults without input"},
      {"major_faults", {}, "", kLow, false, "page faults that read a file"},
      {"context_switches", {"switches"}, "", kLow, false, "times a thread lost its CPU"},
      {"ops", {"ops/s"}, "/s", kHigh, true, "operations a second"},
      {"ops_per_cpu_s", {}, "/s", kHigh, true, "operations a second of CPU time"},
      {"seconds", {}, "s", kLow, true, "of the timed part"},
      {"rss_kib", {}, "KiB", kLow, true, "memory resident at the end of the timed part"},
      {"rss_start_kib", {}, "KiB", kLow, true, "memory resident before it"},
      {"remote_pct_effective", {"remote"}, "%", kHigh, true, "releases that went through a ring"},
      {"ring_fallbacks", {}, "", kLow, true, "releases that found their ring full"},
      {"failed_allocs", {}, "", kLow, true, "allocations answered with NULL"},
      {"voluntary_switches", {}, "", kLow, true, "times a thread gave its CPU up"},
      {"involuntary_switches", {}, "", kLow, true, "times a thread's CPU was taken"},
  };
  return kMetrics;
}

const BuiltinMetric* find_builtin_metric(const std::string& name) {
  for (const BuiltinMetric& metric : builtin_metrics()) {
    if (metric.name == name) return &metric;
    const auto& aliases = metric.aliases;
    if (std::find(aliases.begin(), aliases.end(), name) != aliases.end()) return &metric;
  }
  return nullptr;
}

std::string canonical_metric(const std::string& name) {
  const BuiltinMetric* metric = find_builtin_metric(name);
  return metric == nullptr ? name : metric->name;
}

Better direction_of_metric(const Plan& plan, const std::string& name) {
  for (const MetricSpec& metric : plan.metrics) {
    if (metric.name == name) return metric.better;
  }
  const BuiltinMetric* metric = find_builtin_metric(name);
  return metric == nullptr ? Better::kLower : metric->better;
}

std::vector<std::string> known_metric_names(const Plan& plan) {
  std::vector<std::string> names;
  for (const MetricSpec& metric : plan.metrics) names.push_back(metric.name);
  for (const BuiltinMetric& metric : builtin_metrics()) {
    names.push_back(metric.name);
    names.insert(names.end(), metric.aliases.begin(), metric.aliases.end());
  }
  return names;
}

}  // namespace tamari::lab
