// See exact_test.h; signed_rank_p of statistics.h.
#include "lab/experiment/exact_test.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "lab/experiment/statistics.h"

namespace tamari::lab {
namespace {

// Mid-ranks are whole or half; doubled they are whole.
std::vector<std::size_t> doubled_ranks(const std::vector<double>& sorted_sizes) {
  std::vector<std::size_t> ranks(sorted_sizes.size());
  for (std::size_t first = 0; first < ranks.size();) {
    std::size_t end = first;
    while (end < ranks.size() && sorted_sizes[end] == sorted_sizes[first]) ++end;
    for (std::size_t i = first; i < end; ++i) ranks[i] = first + 1 + end;
    first = end;
  }
  return ranks;
}

// [s]: probability that the ranks with a positive sign add up to s, every sign a fair coin.
std::vector<double> rank_sum_distribution(const std::vector<std::size_t>& ranks) {
  const std::size_t total = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  std::vector<double> chance(total + 1);
  chance[0] = 1;
  std::size_t reached = 0;
  for (const std::size_t rank : ranks) {
    reached += rank;
    for (std::size_t sum = reached + 1; sum-- > 0;) {
      chance[sum] = (chance[sum] + (sum >= rank ? chance[sum - rank] : 0)) / 2;
    }
  }
  return chance;
}

// The largest value of the smaller rank sum at which n effects without ties are significant at
// two-sided `alpha`; none if they never are (2 / 2^n > alpha).
std::optional<std::size_t> critical_rank_sum(std::size_t n, double alpha) {
  std::vector<std::size_t> ranks(n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  const std::vector<double> chance = rank_sum_distribution(ranks);
  double tail = 0;
  std::size_t sum = 0;
  while (sum < chance.size() && 2 * (tail + chance[sum]) <= alpha) tail += chance[sum++];
  if (sum == 0) return std::nullopt;
  return sum - 1;
}

}  // namespace

double signed_rank_p(const std::vector<double>& effects) {
  std::vector<double> nonzero;
  std::copy_if(effects.begin(), effects.end(), std::back_inserter(nonzero),
               [](double effect) { return effect != 0; });
  if (nonzero.empty()) return 1;
  std::sort(nonzero.begin(), nonzero.end(),
            [](double a, double b) { return std::abs(a) < std::abs(b); });
  std::vector<double> sizes(nonzero.size());
  std::transform(nonzero.begin(), nonzero.end(), sizes.begin(),
                 [](double v) { return std::abs(v); });
  const std::vector<std::size_t> ranks = doubled_ranks(sizes);

  std::size_t positive = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) positive += nonzero[i] > 0 ? ranks[i] : 0;
  const std::vector<double> chance = rank_sum_distribution(ranks);
  const std::size_t smaller = std::min(positive, chance.size() - 1 - positive);
  const double tail = std::accumulate(chance.begin(), chance.begin() + smaller + 1, 0.0);
  return std::min(1.0, 2 * tail);
}

Interval signed_rank_interval(const WalshAverages& averages, std::size_t n, double alpha) {
  const std::optional<std::size_t> rank = critical_rank_sum(n, alpha);
  if (!rank) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return {-kInfinity, kInfinity};
  }
  return {averages[*rank], averages[averages.size() - 1 - *rank]};
}

double rank_sum_mean(std::size_t n) {
  const auto count = static_cast<double>(n);
  return count * (count + 1) / 4;
}

double rank_sum_deviation(std::size_t n) {
  const auto count = static_cast<double>(n);
  return std::sqrt(count * (count + 1) * (2 * count + 1) / 24);
}

}  // namespace tamari::lab
