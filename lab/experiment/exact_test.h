// The exact null distribution of Wilcoxon's signed-rank statistic, and the interval that inverting
// the test gives. The test itself is in statistics.h.
#pragma once

#include <cstddef>

#include "lab/experiment/walsh.h"
#include "lab/statistics.h"

namespace tamari::lab {

// Unbounded where n effects are never significant at two-sided `alpha` (2 / 2^n > alpha).
Interval signed_rank_interval(const WalshAverages& averages, std::size_t n, double alpha);

// Mean and standard deviation of a rank sum of n effects without ties, if the hypothesis holds.
double rank_sum_mean(std::size_t n);
double rank_sum_deviation(std::size_t n);

}  // namespace tamari::lab
