// What the user may choose of every suite, of workloads or of programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/contestants.h"

namespace tamari::lab {

// What is left behind: one form on standard output, and files that are whole after each round.
struct SuiteOutput {
  bool json = false;      // on standard output, instead of the tables
  bool markdown = false;  // likewise
  std::string html;       // file names, empty: none
  std::string save;       // the JSON
};

struct SuiteChoice {
  ContestantChoice contestants;
  std::vector<std::string> only;  // empty: every row
  bool list = false;
  bool quick = false;
  std::optional<std::size_t> runs;
  std::optional<double> scale;
  std::uint64_t seed = 1;
  double timeout_s = 600;
  SuiteOutput output;
};

}  // namespace tamari::lab
