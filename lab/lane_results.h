// From samples to figures: per arm the median and interval of each metric, per lane how tamari
// stands to the best and the leanest peer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/lanes.h"
#include "lab/sample.h"
#include "lab/statistics.h"

namespace tamari::lab {

inline constexpr char kSpeed[] = "ops/s";
inline constexpr char kCpuSpeed[] = "ops_per_cpu_s";
inline constexpr char kPeak[] = "rss_peak_kib";
inline constexpr char kSettled[] = "rss_settled_kib";
inline constexpr char kRemote[] = "remote_pct_effective";
inline constexpr char kFaults[] = "minor_faults";
inline constexpr char kSeconds[] = "seconds";

// One lane of one command: every sample, failed ones too, in the order in which they ran.
struct LaneRun {
  Lane lane;
  std::vector<std::string> arms;
  std::vector<Sample> samples;
  bool complete = false;  // false: interrupted
};

struct MetricSummary {
  std::optional<double> median;
  std::optional<Interval> interval;
};

struct ArmSummary {
  std::string arm;
  std::size_t good = 0;
  std::size_t failed = 0;
  std::map<std::string, MetricSummary> metrics;

  std::optional<double> median_of(const std::string& key) const;
};

// Fastest first; arms without a good sample last.
std::vector<ArmSummary> summarise(const LaneRun& run);

// tamari against one peer in one metric.
struct Standing {
  std::string peer;
  Ratio ratio;  // tamari / peer
};

std::optional<Standing> against_fastest(const LaneRun& run);
std::optional<Standing> against_leanest(const LaneRun& run, const std::string& memory_metric);

// What a reader must know before trusting the lane: samples too short for the threads to have
// taken turns, or arms that did not do the same work.
std::vector<std::string> cautions(const LaneRun& run);

}  // namespace tamari::lab
