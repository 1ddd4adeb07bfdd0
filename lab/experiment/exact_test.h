// The exact null distribution of Wilcoxon's signed-rank statistic, and the interval that inverting
// the test gives. The tests themselves are in statistics.h.
#pragma once

#include <cstddef>
#include <optional>

#include "lab/experiment/walsh.h"
#include "lab/statistics.h"

namespace tamari::lab {

// The largest value of the smaller rank sum at which n effects without ties are significant at
// two-sided `alpha`; none if they never are (2 / 2^n > alpha).
std::optional<std::size_t> critical_rank_sum(std::size_t n, double alpha);

// Unbounded where there is no critical rank sum.
Interval signed_rank_interval(const WalshAverages& averages, std::size_t n, double alpha);

// Mean and standard deviation of a rank sum of n effects without ties, if the hypothesis holds.
double rank_sum_mean(std::size_t n);
double rank_sum_deviation(std::size_t n);

}  // namespace tamari::lab
