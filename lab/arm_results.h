// From the samples of several arms at one piece of work to figures: medians with their intervals,
// and how tamari stands to the best peer. Lanes, the suite and the programs share it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/sample.h"
#include "lab/statistics.h"

namespace tamari::lab {

inline constexpr char kPeak[] = "rss_peak_kib";
inline constexpr char kSettled[] = "rss_settled_kib";
inline constexpr char kFaults[] = "minor_faults";
inline constexpr char kSeconds[] = "seconds";

// Units in which they are shown.
inline constexpr double kMillion = 1e6;
inline constexpr double kKibPerMib = 1024;

// An arm whose name begins so is tamari with other settings, and no peer.
inline constexpr char kTamariVariant[] = "tamari:";

// Every sample, failed ones too, in the order in which they ran.
struct ArmSamples {
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

// A column of a table that has a row for each arm: the medians of one metric, in units.
struct MetricColumn {
  const char* heading;
  const char* metric;
  double unit;
  int decimals;

  std::string words_for(const ArmSummary& arm) const;
};

// In the order of the arms, with every metric that any sample has. An interval costs a millisecond:
// where there are many metrics, `interval_wanted` names those that are worth it.
using MetricTest = bool (*)(const std::string& key);
std::vector<ArmSummary> summarise_arms(const ArmSamples& run, MetricTest interval_wanted = nullptr);

// Of the arm's good samples.
std::vector<double> values_of(const ArmSamples& run, const std::string& arm,
                              const std::string& key);

// The same by round.
std::map<std::size_t, double> values_by_round(const ArmSamples& run, const std::string& arm,
                                              const std::string& key);

// tamari against one peer in one metric.
struct Standing {
  std::string peer;
  Ratio ratio;  // tamari / peer
};

enum class Best { kMost, kLeast };

// The peer with the best median; none without figures of tamari and of a peer.
std::optional<Standing> against_best(const ArmSamples& run, const std::string& key, Best best);

// The median of one over that of the other, over the rounds in which both have a value.
std::optional<Ratio> ratio_by_rounds(const std::map<std::size_t, double>& numerators,
                                     const std::map<std::size_t, double>& denominators);

// tamari's median over the peer's, over the rounds in which both have a value.
std::optional<Ratio> ratio_to(const ArmSamples& run, const std::string& peer,
                              const std::string& key);

}  // namespace tamari::lab
