// The mathematics of a paired experiment; no input, no output, no knowledge of allocators.
// An effect is a log-ratio to the base: 0 is no change, log(1.03) is +3 %. What each procedure is,
// where it comes from and how well it does: docs/method.md, "Statistics".
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "lab/statistics.h"

namespace tamari::lab {

// Wilcoxon's test: exact, two-sided, of the hypothesis that the effects are symmetric about zero.
// Zeros are dropped; ties share mid-ranks and the distribution stays exact. 1 if nothing is left.
// It takes n^3 steps: meant for up to 400 effects.
double signed_rank_p(const std::vector<double>& effects);

// Hodges and Lehmann's estimate: the median of all pairwise means. Of no effects: CommandError.
double pseudo_median(const std::vector<double>& effects);

struct Estimate {
  std::size_t n = 0;  // blocks
  double effect = 0;  // log-ratio, the pseudo-median
  // The values that the exact signed-rank test does not reject, so it excludes zero if and only if
  // p is at most 1 - confidence (ties widen it). All numbers, infinite either side, where n blocks
  // cannot give the confidence: below 6 at 95 %, below 10 at 99.72 %.
  Interval interval;
  double confidence = 0.95;
  double p = 1;  // exact signed-rank
  // The second opinion: a bootstrap of the pseudo-median. None where the confidence asks for a
  // tail that the resamples are too few to show.
  std::optional<Interval> bootstrap;

  bool bounded() const { return std::isfinite(interval.low) && std::isfinite(interval.high); }
};

// One value per block. `strata[i]` names the machine of effects[i] (empty: all one): resampling
// stays within a stratum. None below three blocks.
std::optional<Estimate> estimate(const std::vector<double>& effects,
                                 const std::vector<std::size_t>& strata = {},
                                 double confidence = 0.95, std::uint64_t seed = 1);

// Holm's step-down: adjusted p values in the order given.
std::vector<double> holm(const std::vector<double>& p_values);

// The effects less their pseudo-median: what is left of a variant's blocks is noise too, and may
// be joined to that of the A/A arm.
std::vector<double> residuals(const std::vector<double>& effects);

// Blocks after which a true effect of size `effect` is told from zero with probability `power` at
// two-sided `alpha`, if the blocks scatter as `noise` does. Announced high: the noise is itself
// only a sample, and the answer covers nine in ten of the noises that it may have come from. None
// below three values of noise, or where a million blocks would not do.
std::optional<std::size_t> blocks_needed(const std::vector<double>& noise, double effect,
                                         double alpha = 0.05, double power = 0.95);

// Do the strata agree? Cochran's Q against chi-squared, over the strata of at least two effects;
// none with fewer than two such strata.
struct Heterogeneity {
  double q = 0;
  double p = 1;
  double i_squared = 0;  // share of the variation that lies between the strata, 0..1
};
std::optional<Heterogeneity> heterogeneity(const std::vector<double>& effects,
                                           const std::vector<std::size_t>& strata);

}  // namespace tamari::lab
