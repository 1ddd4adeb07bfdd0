// See bootstrap.h.
#include "lab/experiment/bootstrap.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <random>

namespace tamari::lab {
namespace {

// Fewer resamples than this beyond an end, and the end would be their accident.
constexpr double kHandful = 8;

using Stratum = std::vector<std::size_t>;  // indices of its values

std::vector<Stratum> members(std::size_t n, const std::vector<std::size_t>& strata) {
  std::map<std::size_t, Stratum> by_name;
  for (std::size_t i = 0; i < n; ++i) by_name[strata.empty() ? 0 : strata[i]].push_back(i);
  std::vector<Stratum> result;
  for (auto& [name, stratum] : by_name) result.push_back(std::move(stratum));
  return result;
}

// The generator's own bits, not a distribution of the library, which differs between libraries. Two
// draws a word; that some indices come more often by one in 2^32 / size is beyond notice.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t size) {
    word_ = spare_ ? word_ >> 32 : random_();
    spare_ = !spare_;
    return (word_ & 0xffffffff) * size >> 32;
  }

 private:
  std::mt19937_64 random_;
  std::uint64_t word_ = 0;
  bool spare_ = false;
};

}  // namespace

double expanded_tail(std::size_t n, double confidence) {
  const auto count = static_cast<double>(n);
  const boost::math::students_t student(count - 1);
  const double reach =
      boost::math::quantile(boost::math::complement(student, (1 - confidence) / 2));
  return boost::math::cdf(boost::math::normal(), -reach * std::sqrt(count / (count - 1)));
}

std::optional<Interval> bootstrap_interval(const WalshAverages& averages, std::size_t n,
                                           const std::vector<std::size_t>& strata,
                                           double confidence, std::uint64_t seed) {
  const double beyond = expanded_tail(n, confidence) * static_cast<double>(kBootstrapResamples);
  if (beyond < kHandful) return std::nullopt;

  Draws draws(seed);
  const std::vector<Stratum> groups = members(n, strata);
  Resample resample(n);
  std::vector<double> medians(kBootstrapResamples);
  for (double& median : medians) {
    resample.clear();
    for (const Stratum& group : groups) {
      for (std::size_t i = 0; i < group.size(); ++i) resample.add(group[draws.below(group.size())]);
    }
    median = averages.median_of(resample);
  }
  const auto low = medians.begin() + static_cast<std::ptrdiff_t>(beyond);
  const auto high = medians.end() - 1 - static_cast<std::ptrdiff_t>(beyond);
  std::nth_element(medians.begin(), low, medians.end());
  std::nth_element(low + 1, high, medians.end());
  return Interval{*low, *high};
}

}  // namespace tamari::lab
