// One run of the benchmark program: what it printed, or why there is nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/child.h"

namespace tamari::lab {

using Values = std::map<std::string, double>;

// Reads "key=number key=number"; an unreadable word makes the whole output unreadable. A negative
// number is the program's "unknown" and is left out. So is the line of malloc_origin().
std::optional<Values> parse_values(const std::string& output);

// The file that the program says its malloc is from, by a line "malloc_from=FILE"; empty if it does
// not say.
std::string malloc_origin(const std::string& output);

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

// Judges a finished child by its status and its output.
Sample make_sample(const ChildResult& child);

// And by its own proof that it called the library's malloc.
Sample make_proved_sample(const ChildResult& child, const FileIdentity& library);

}  // namespace tamari::lab
