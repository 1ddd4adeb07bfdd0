// See statistics.h; the tests are in exact_test.cpp, the planning of runs in power.cpp.
#include "lab/experiment/statistics.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <map>
#include <numeric>

#include "lab/command_error.h"
#include "lab/experiment/bootstrap.h"
#include "lab/experiment/exact_test.h"
#include "lab/experiment/walsh.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kLeastBlocks = 3;
// No measurement tells a part in a billion; strata of equal effects would weigh infinitely much.
constexpr double kFinest = 1e-9;

// Mean of a stratum and how far to trust it: the inverse of the mean's variance.
struct Mean {
  double value;
  double weight;
};

Mean mean_of(const std::vector<double>& effects) {
  const auto count = static_cast<double>(effects.size());
  const double mean = std::accumulate(effects.begin(), effects.end(), 0.0) / count;
  double squares = 0;
  for (const double effect : effects) squares += (effect - mean) * (effect - mean);
  const double variance = squares / (count - 1) / count;
  return {mean, 1 / std::max(variance, kFinest * kFinest)};
}

}  // namespace

double pseudo_median(const std::vector<double>& effects) {
  if (effects.empty()) throw CommandError(kHarness, "no effects to take the pseudo-median of");
  return WalshAverages(effects).median();
}

std::vector<double> residuals(const std::vector<double>& effects) {
  if (effects.empty()) return {};
  const double centre = pseudo_median(effects);
  std::vector<double> result = effects;
  for (double& value : result) value -= centre;
  return result;
}

std::optional<Estimate> estimate(const std::vector<double>& effects,
                                 const std::vector<std::size_t>& strata, double confidence,
                                 std::uint64_t seed) {
  if (effects.size() < kLeastBlocks) return std::nullopt;
  const WalshAverages averages(effects);
  Estimate result;
  result.n = effects.size();
  result.effect = averages.median();
  result.interval = signed_rank_interval(averages, result.n, 1 - confidence);
  result.confidence = confidence;
  result.p = signed_rank_p(effects);
  result.bootstrap = bootstrap_interval(averages, result.n, strata, confidence, seed);
  return result;
}

std::vector<double> holm(const std::vector<double>& p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double highest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<double>(order.size() - i);
    highest = std::max(highest, std::min(1.0, left * p_values[order[i]]));
    adjusted[order[i]] = highest;
  }
  return adjusted;
}

std::optional<Heterogeneity> heterogeneity(const std::vector<double>& effects,
                                           const std::vector<std::size_t>& strata) {
  if (strata.empty()) return std::nullopt;
  std::map<std::size_t, std::vector<double>> by_stratum;
  for (std::size_t i = 0; i < effects.size(); ++i) by_stratum[strata.at(i)].push_back(effects[i]);
  std::vector<Mean> means;
  for (const auto& [stratum, values] : by_stratum) {
    if (values.size() >= 2) means.push_back(mean_of(values));
  }
  if (means.size() < 2) return std::nullopt;

  double weights = 0;
  double weighted = 0;
  for (const Mean& mean : means) {
    weights += mean.weight;
    weighted += mean.weight * mean.value;
  }
  Heterogeneity result;
  for (const Mean& mean : means) {
    const double distance = mean.value - weighted / weights;
    result.q += mean.weight * distance * distance;
  }
  const auto freedom = static_cast<double>(means.size() - 1);
  result.p = boost::math::cdf(boost::math::complement(boost::math::chi_squared(freedom), result.q));
  result.i_squared = result.q > freedom ? (result.q - freedom) / result.q : 0;
  return result;
}

}  // namespace tamari::lab
