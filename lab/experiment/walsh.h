// All pairwise means of a sample, each value with itself included: their median is Hodges and
// Lehmann's pseudo-median, their order statistics bound the interval of the signed-rank test.
// Sorted once, so that a bootstrap finds the pseudo-median of a resample by counting along them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tamari::lab {

// How often each value was drawn, kept so that every average's share is one product:
//   weights_[i]          times(i)
//   weights_[n + i]      2 times(i)      a pair with another value occurs 2 t(i) t(j) / 2 times,
//   weights_[2n + i]     times(i) + 1    with itself t(i) (t(i) + 1) / 2 times
class Resample {
 public:
  explicit Resample(std::size_t values) : values_(values), weights_(3 * values) { clear(); }

  void clear();
  void add(std::size_t value) {
    ++drawn_;
    ++weights_[value];
    weights_[values_ + value] += 2;
    ++weights_[2 * values_ + value];
  }

 private:
  friend class WalshAverages;

  std::size_t values_;
  std::uint64_t drawn_ = 0;
  std::vector<std::uint32_t> weights_;
};

class WalshAverages {
 public:
  explicit WalshAverages(const std::vector<double>& values);

  std::size_t size() const { return averages_.size(); }
  double operator[](std::size_t rank) const { return averages_[rank].mean; }  // ascending
  double median() const;
  double median_of(const Resample& resample) const;  // of at least one value

 private:
  struct Average {
    double mean;
    std::uint32_t first;  // into the weights of a resample
    std::uint32_t second;
  };
  std::vector<Average> averages_;
};

}  // namespace tamari::lab
