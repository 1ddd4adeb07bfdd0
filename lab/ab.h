// `tamari ab`: any number of arms on a program of the user's or on lanes, paired and interleaved,
// with gates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/experiment/publish.h"
#include "lab/lanes.h"

namespace tamari::lab {

struct AbOptions {
  std::vector<std::string> arms;  // NAME[:SPEC], the first is the base
  std::vector<std::string> lanes;
  LaneOverrides overrides;
  std::vector<std::string> command;  // PROGRAM ARGS
  std::vector<std::string> metrics;  // NAME=REGEX[:higher|lower]
  std::vector<std::string> gates;
  std::string check;
  std::string runs = "auto";
  std::string order = "latin";
  std::string pin;
  std::string library;  // of tamari's arms; empty: searched
  std::uint64_t seed = 1;
  std::uint64_t settle_ms = 100;
  double timeout_s = 600;
  std::string out;
  std::string resume;
  ReportFiles files;
};

// "NAME", "NAME:key=value,...", "NAME:PATH[,key=value...]", "NAME:ALLOCATOR". `library` is what
// tamari's own arms run with; empty: the one beside the command.
ArmSpec parse_arm(const std::string& text, const std::string& library);

// The plan that the options describe, validated. `cpus` is what the lanes are scaled to.
Plan ab_plan(const AbOptions& options, unsigned cpus);

// Returns the exit status, of ExperimentStatus.
int ab(const AbOptions& options);

}  // namespace tamari::lab
