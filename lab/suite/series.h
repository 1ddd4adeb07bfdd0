// Rows that differ in one number, in its order: how far a cost grows along them, and how well
// threads are used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/suite/standings.h"

namespace tamari::lab {

// Largest over smallest time of an operation: up to here a cost counts as flat.
inline constexpr double kFlatLimit = 1.5;

struct Series {
  std::string name;
  std::vector<const RowFigures*> rows;
};

// In the order of the rows.
std::vector<Series> series_of(const SuiteFigures& figures);

// The rows on which one allocator's CPU time of an operation is smallest and largest.
struct Spread {
  const RowFigures* least = nullptr;
  const RowFigures* most = nullptr;
  Ratio ratio;  // largest over smallest

  bool flat() const { return ratio.value <= kFlatLimit; }
  // The interval reaches to the other side of the limit.
  bool unsure() const {
    return ratio.interval && ratio.interval->low <= kFlatLimit && ratio.interval->high > kFlatLimit;
  }
};

// None with figures on less than two rows.
std::optional<Spread> spread_of(const Series& series, const std::string& arm);

// Speed on a row over the speed with one thread times the threads that can run at once: 1 is
// perfect. The series begins with one thread.
std::optional<double> efficiency_of(const Series& series, const RowFigures& row,
                                    const std::string& arm, unsigned cpus);

}  // namespace tamari::lab
