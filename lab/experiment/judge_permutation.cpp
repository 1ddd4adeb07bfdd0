// See judge_permutation.h. A method of Westfall and Young.
#include "lab/experiment/judge_permutation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "lab/random_order.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kMost = 2000;
constexpr unsigned kSeed = 20240229;
// Sums of the same numbers in another order are equal up to this.
constexpr double kRounding = 1e-9;

double binomial(std::size_t n, std::size_t k) {
  double ways = 1;
  for (std::size_t i = 1; i <= k; ++i) {
    ways = ways * static_cast<double>(n - k + i) / static_cast<double>(i);
  }
  return ways;
}

// To mean 0 and mean square 1; all 0 if there is no variation.
void standardise(std::vector<double>& row) {
  const auto n = static_cast<double>(row.size());
  const double mean = std::accumulate(row.begin(), row.end(), 0.0) / n;
  double squares = 0;
  double greatest = 0;
  for (double& value : row) {
    greatest = std::max(greatest, std::abs(value));
    value -= mean;
    squares += value * value;
  }
  const double spread = std::sqrt(squares / n);
  const double scale = spread > kRounding * greatest ? 1 / spread : 0;
  for (double& value : row) value *= scale;
}

std::vector<std::vector<std::size_t>> every_choice(std::size_t n, std::size_t k) {
  std::vector<std::vector<std::size_t>> choices;
  std::vector<bool> chosen(n, false);
  std::fill_n(chosen.begin(), k, true);
  do {
    std::vector<std::size_t>& columns = choices.emplace_back();
    for (std::size_t i = 0; i < n; ++i) {
      if (chosen[i]) columns.push_back(i);
    }
  } while (std::prev_permutation(chosen.begin(), chosen.end()));
  return choices;
}

std::vector<std::vector<std::size_t>> some_choices(std::size_t n, std::size_t k) {
  std::mt19937_64 random(kSeed);
  std::vector<std::vector<std::size_t>> choices(kMost);
  choices[0].resize(k);
  std::iota(choices[0].begin(), choices[0].end(), std::size_t{0});
  for (std::size_t i = 1; i < kMost; ++i) {
    choices[i] = random_order(n, random);
    choices[i].resize(k);
  }
  return choices;
}

}  // namespace

Permutations::Permutations(std::size_t first, std::size_t second)
    : first_(first), second_(second), all_(binomial(first + second, first) <= kMost) {
  const std::size_t n = first + second;
  choices_ = all_ ? every_choice(n, first) : some_choices(n, first);
}

// The row sums to zero, so the sum of one group says all about the difference of the two means.
double Permutations::statistic(const std::vector<double>& row,
                               const std::vector<std::size_t>& columns) const {
  double sum = 0;
  for (const std::size_t column : columns) sum += row[column];
  const auto n = static_cast<double>(first_ + second_);
  return std::abs(sum) * n / static_cast<double>(first_ * second_);
}

std::vector<double> Permutations::adjusted_p(std::vector<std::vector<double>> rows) const {
  for (std::vector<double>& row : rows) standardise(row);
  std::vector<double> greatest(choices_.size(), 0);
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    for (const std::vector<double>& row : rows) {
      greatest[i] = std::max(greatest[i], statistic(row, choices_[i]));
    }
  }
  std::vector<double> p_values;
  for (const std::vector<double>& row : rows) {
    const double observed = statistic(row, choices_.front());
    const auto as_far = std::count_if(greatest.begin(), greatest.end(),
                                      [&](double other) { return other >= observed - kRounding; });
    p_values.push_back(static_cast<double>(as_far) / static_cast<double>(choices_.size()));
  }
  return p_values;
}

// Where all choices are tried and the groups are of equal size, the mirror image of the observed
// choice lies as far apart.
double Permutations::least_p() const {
  const double ties = all_ && first_ == second_ ? 2 : 1;
  return ties / static_cast<double>(choices_.size());
}

double Permutations::separation(std::vector<double> row) const {
  standardise(row);
  return statistic(row, choices_.front());
}

}  // namespace tamari::lab
