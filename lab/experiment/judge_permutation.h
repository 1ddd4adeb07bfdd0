// Do two groups of many correlated figures differ in any of them? A permutation test on the largest
// of the standardised differences: exact for what it is asked, and corrected for the number of
// figures without assuming that they are independent.
#pragma once

#include <cstddef>
#include <vector>

namespace tamari::lab {

// The ways to choose which of `first + second` columns make the first group: all of them if they
// are few, else a sample from a fixed seed.
class Permutations {
 public:
  Permutations(std::size_t first, std::size_t second);

  // `rows[i]` holds figure i: the first group's values, then the second's. Returns a p value for
  // each row, adjusted for the number of rows; 1 for a row without any variation.
  std::vector<double> adjusted_p(std::vector<std::vector<double>> rows) const;

  // What adjusted_p can be at the least.
  double least_p() const;

  // How far the groups lie apart in units of the row's spread.
  double separation(std::vector<double> row) const;

 private:
  double statistic(const std::vector<double>& row, const std::vector<std::size_t>& columns) const;

  std::size_t first_;
  std::size_t second_;
  bool all_ = false;
  std::vector<std::vector<std::size_t>> choices_;  // the identity is the first
};

}  // namespace tamari::lab
