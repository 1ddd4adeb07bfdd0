// See walsh.h.
#include "lab/experiment/walsh.h"

#include <algorithm>
#include <numeric>

namespace tamari::lab {

void Resample::clear() {
  drawn_ = 0;
  const auto own = weights_.begin() + static_cast<std::ptrdiff_t>(2 * values_);
  std::fill(weights_.begin(), own, 0);
  std::fill(own, weights_.end(), 1);
}

WalshAverages::WalshAverages(const std::vector<double>& values) {
  const auto count = static_cast<std::uint32_t>(values.size());
  averages_.reserve(values.size() * (values.size() + 1) / 2);
  for (std::uint32_t i = 0; i < count; ++i) {
    averages_.push_back({values[i], i, 2 * count + i});
    for (std::uint32_t j = i + 1; j < count; ++j) {
      averages_.push_back({std::midpoint(values[i], values[j]), i, count + j});
    }
  }
  std::sort(averages_.begin(), averages_.end(),
            [](const Average& a, const Average& b) { return a.mean < b.mean; });
}

double WalshAverages::median() const {
  const std::size_t count = averages_.size();
  return std::midpoint(averages_[(count - 1) / 2].mean, averages_[count / 2].mean);
}

double WalshAverages::median_of(const Resample& resample) const {
  const std::uint64_t count = resample.drawn_ * (resample.drawn_ + 1) / 2;
  const std::uint32_t* weights = resample.weights_.data();
  auto average = averages_.begin();
  std::uint64_t seen = 0;  // doubled
  const auto walk_past = [&](std::uint64_t rank) {
    while (seen <= 2 * rank) {
      seen += std::uint64_t{weights[average->first]} * weights[average->second];
      ++average;
    }
    return std::prev(average)->mean;
  };
  const double lower = walk_past((count - 1) / 2);
  return std::midpoint(lower, walk_past(count / 2));
}

}  // namespace tamari::lab
