// The figures that every sample has without being asked: their names, the short names that a gate
// may use for them, their units, and which way is better.
#pragma once

#include <string>
#include <vector>

#include "lab/experiment/plan.h"

namespace tamari::lab {

struct BuiltinMetric {
  std::string name;
  std::vector<std::string> aliases;
  std::string unit;  // "s", "KiB", "/s", "%"; empty: a count
  Better better = Better::kLower;
  bool lane_only = false;  // printed by the benchmark program
  std::string about;
};

const std::vector<BuiltinMetric>& builtin_metrics();

// By name or alias; none: nullptr.
const BuiltinMetric* find_builtin_metric(const std::string& name);

// "time" is "wall_s"; a name that is no alias stays as it is.
std::string canonical_metric(const std::string& name);

// Which way is better, by the plan's own metrics first. An unknown one: lower.
Better direction_of_metric(const Plan& plan, const std::string& name);

// Every name that a gate of the plan may use, for suggestions.
std::vector<std::string> known_metric_names(const Plan& plan);

}  // namespace tamari::lab
