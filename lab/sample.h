// One run of the benchmark program: what it printed, or why there is nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/child.h"

namespace tamari::lab {

using Values = std::map<std::string, double>;

// Reads "key=number key=number"; an unreadable word makes the whole line unreadable. A negative
// number is the program's "unknown" and is left out.
std::optional<Values> parse_values(const std::string& line);

struct Sample {
  std::string arm;
  std::size_t round = 0;  // from 0
  std::size_t order = 0;  // place within the round, from 0
  Values values;          // empty if it failed
  std::string failure;    // empty if it is good
  double wall_s = 0;      // of the whole process

  bool good() const { return failure.empty(); }
  std::optional<double> value(const std::string& key) const;
};

// Judges a finished child: its status, its output, and that it had mapped its library.
Sample make_sample(const ChildResult& child);

}  // namespace tamari::lab
