// Which counters explain a difference: those whose medians moved from the base's by more than the
// base's own copy did.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/experiment/report.h"

namespace tamari::lab {

struct CounterMove {
  std::string counter;
  double base = 0;
  std::map<std::string, double> medians;  // by arm, the A/A arm too
  double clarity = 0;                     // the largest move of an arm in units of the A/A arm's
};

// The clearest first, at most `most` of them.
std::vector<CounterMove> telling_counters(const Report& report, const View& view,
                                          std::size_t most = 8);

// "+31.2%", "0 to 812", "-" where there is nothing to compare.
std::string move_words(double base, std::optional<double> value);

}  // namespace tamari::lab
