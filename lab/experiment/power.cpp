// Planning of runs: blocks_needed of statistics.h.
#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <random>

#include "lab/experiment/exact_test.h"
#include "lab/experiment/statistics.h"
#include "lab/experiment/walsh.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kLeastKnown = 3;  // effects, below which their spread is unknown
constexpr std::size_t kMostBlocks = 1'000'000;

double upper_quantile(double tail) {
  return boost::math::quantile(boost::math::complement(boost::math::normal(), tail));
}

// What the power of the signed-rank test depends on, if X, Y, Z are blocks with the effect: the
// chances of X > 0, of X + Y > 0, of both, and of X + Y > 0 together with X + Z > 0.
struct Chances {
  double one = 0;
  double pair = 0;
  double one_and_pair = 0;
  double two_pairs = 0;
};

// Equal arms could have had each other's place, so noise of either sign is equally likely: each
// value stands for its opposite, too. The widening makes up for the centre having been estimated.
std::vector<double> symmetric_sample(const std::vector<double>& noise) {
  const auto count = static_cast<double>(noise.size());
  const double widening = std::sqrt(count / (count - 1));
  std::vector<double> sample;
  for (const double value : noise) {
    sample.push_back(value * widening);
    sample.push_back(-value * widening);
  }
  std::sort(sample.begin(), sample.end());
  return sample;
}

Chances chances_of(const std::vector<double>& noise, double effect) {
  const std::vector<double> sample = symmetric_sample(noise);
  const auto count = static_cast<double>(sample.size());
  Chances chances;
  auto partner = sample.end();  // the first value that makes a positive pair
  for (const double value : sample) {
    while (partner != sample.begin() && *std::prev(partner) + value + 2 * effect > 0) --partner;
    const double pairs = static_cast<double>(sample.end() - partner) / count;
    const bool positive = value + effect > 0;
    chances.one += positive ? 1 / count : 0;
    chances.pair += pairs / count;
    chances.one_and_pair += positive ? pairs / count : 0;
    chances.two_pairs += pairs * pairs / count;
  }
  return chances;
}

// Is the rank sum of n such blocks significant often enough? By the normal approximation to its
// distribution with the effect, whose two moments are exact.
bool enough(const Chances& chances, std::size_t n, double significant, double often) {
  const auto count = static_cast<double>(n);
  const double pairs = count * (count - 1) / 2;
  const double mean = count * chances.one + pairs * chances.pair;
  const double variance =
      count * chances.one * (1 - chances.one) + pairs * chances.pair * (1 - chances.pair) +
      4 * pairs * (chances.one_and_pair - chances.one * chances.pair) +
      2 * pairs * (count - 2) * (chances.two_pairs - chances.pair * chances.pair);
  const double critical = rank_sum_mean(n) + significant * rank_sum_deviation(n) + 0.5;
  return mean - critical >= often * std::sqrt(std::max(variance, 0.0));
}

std::size_t blocks_for(const std::vector<double>& noise, double effect, double alpha,
                       double power) {
  const Chances chances = chances_of(noise, std::abs(effect));
  const double significant = upper_quantile(alpha / 2);
  const double often = upper_quantile(1 - power);
  std::size_t too_few = 0;
  std::size_t upper = 1;
  while (!enough(chances, upper, significant, often)) {
    if (upper > kMostBlocks) return upper;
    too_few = upper;
    upper *= 2;
  }
  while (upper - too_few > 1) {
    const std::size_t middle = too_few + (upper - too_few) / 2;
    (enough(chances, middle, significant, often) ? upper : too_few) = middle;
  }
  return upper;
}

}  // namespace

std::optional<std::size_t> blocks_needed(const std::vector<double>& noise, double effect,
                                         double alpha, double power) {
  constexpr std::size_t kResamples = 200;
  constexpr double kBelief = 0.9;
  constexpr std::uint64_t kSeed = 1;
  if (noise.size() < kLeastKnown) return std::nullopt;

  const std::vector<double> centred = residuals(noise);
  std::mt19937_64 random(kSeed);
  std::vector<std::size_t> answers(kResamples);
  std::vector<double> drawn(centred.size());
  for (std::size_t& answer : answers) {
    for (double& value : drawn) value = centred[random() % centred.size()];
    answer = blocks_for(drawn, effect, alpha, power);
  }
  const auto believed = answers.begin() + static_cast<std::ptrdiff_t>(kBelief * kResamples);
  std::nth_element(answers.begin(), believed, answers.end());
  if (*believed > kMostBlocks) return std::nullopt;
  return *believed;
}

}  // namespace tamari::lab
