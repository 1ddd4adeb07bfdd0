// A bootstrap interval of the pseudo-median: Efron's percentiles, moved outwards as far as
// Student's t lies outside the normal at this number of effects (Hesterberg's expansion), because
// plain percentiles cover too rarely for ten or twenty effects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "lab/experiment/walsh.h"
#include "lab/statistics.h"

namespace tamari::lab {

inline constexpr std::size_t kBootstrapResamples = 4000;

// The share of the resamples that lies beyond either end of the interval.
double expanded_tail(std::size_t n, double confidence);

// Draws `n` values, strata[i] being that of value i (empty: all one), each from its own stratum.
// None if the tail holds fewer than a handful of resamples.
std::optional<Interval> bootstrap_interval(const WalshAverages& averages, std::size_t n,
                                           const std::vector<std::size_t>& strata,
                                           double confidence, std::uint64_t seed);

}  // namespace tamari::lab
