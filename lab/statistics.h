// Medians and their 95 % bootstrap intervals. Seeds are fixed: the same samples give the same
// interval on every machine.
#pragma once

#include <optional>
#include <vector>

namespace tamari::lab {

struct Interval {
  double low = 0;
  double high = 0;
};

// Mean of the two middle values for an even count; none of nothing.
std::optional<double> median(std::vector<double> values);

// Of values above 0; none of nothing.
std::optional<double> geometric_mean(const std::vector<double>& values);

// Percentile bootstrap of the median; none below two values, where no spread can be seen.
std::optional<Interval> median_interval(const std::vector<double>& values);

struct Ratio {
  double value = 0;
  std::optional<Interval> interval;
};

// Ratio of the medians. `numerators[i]` and `denominators[i]` come from the same round, so rounds
// are resampled as pairs and drift that hits both cancels. None if empty or the divisor is 0.
std::optional<Ratio> paired_ratio(const std::vector<double>& numerators,
                                  const std::vector<double>& denominators);

}  // namespace tamari::lab
