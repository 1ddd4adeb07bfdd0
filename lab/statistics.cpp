// See statistics.h.
#include "lab/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <random>

namespace tamari::lab {
namespace {

constexpr std::size_t kResamples = 4000;
constexpr unsigned kSeed = 20240229;
constexpr double kLowTail = 0.025;

double quantile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

// `statistic` maps a list of row indices, drawn with replacement, to a number.
template <typename Statistic>
Interval bootstrap(std::size_t rows, Statistic statistic) {
  std::mt19937_64 random(kSeed);
  std::vector<std::size_t> draw(rows);
  std::vector<double> results(kResamples);
  for (double& result : results) {
    // Modulo, not uniform_int_distribution, whose sequence differs between libraries; the bias is
    // below one in 2^50.
    for (std::size_t& index : draw) index = random() % rows;
    result = statistic(draw);
  }
  std::sort(results.begin(), results.end());
  return {quantile(results, kLowTail), quantile(results, 1 - kLowTail)};
}

double median_of_rows(const std::vector<double>& values, const std::vector<std::size_t>& rows) {
  std::vector<double> drawn(rows.size());
  std::transform(rows.begin(), rows.end(), drawn.begin(), [&](std::size_t i) { return values[i]; });
  return *median(std::move(drawn));
}

}  // namespace

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

std::optional<double> geometric_mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  const double logs =
      std::accumulate(values.begin(), values.end(), 0.0,
                      [](double sum, double value) { return sum + std::log(value); });
  return std::exp(logs / static_cast<double>(values.size()));
}

std::optional<Interval> median_interval(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  return bootstrap(values.size(), [&](const std::vector<std::size_t>& rows) {
    return median_of_rows(values, rows);
  });
}

std::optional<Ratio> paired_ratio(const std::vector<double>& numerators,
                                  const std::vector<double>& denominators) {
  if (numerators.empty() || numerators.size() != denominators.size()) return std::nullopt;
  if (std::any_of(denominators.begin(), denominators.end(), [](double d) { return d <= 0; })) {
    return std::nullopt;
  }
  Ratio ratio{*median(numerators) / *median(denominators), std::nullopt};
  if (numerators.size() < 2) return ratio;
  ratio.interval = bootstrap(numerators.size(), [&](const std::vector<std::size_t>& rows) {
    return median_of_rows(numerators, rows) / median_of_rows(denominators, rows);
  });
  return ratio;
}

}  // namespace tamari::lab
