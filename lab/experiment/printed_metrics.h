// Figures that a program prints: the benchmark's line of key=value, or whatever the plan's regular
// expressions find (in the syntax of RE2, whose time is linear; ^ and $ match at lines).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/experiment/plan.h"

namespace tamari::lab {

// Empty if the expression can be used; else why not.
std::string regex_problem(const std::string& regex);

// The first group of the last match of each expression, in standard output and then standard
// error. One that matched nothing, or no number, is not among them.
std::map<std::string, double> regex_metrics(const std::vector<MetricSpec>& metrics,
                                            const std::string& out, const std::string& err);

// What the benchmark printed, under the names of the built-in metrics where it measures the same
// thing over its timed part alone; none if it did not print ops/s.
std::optional<std::map<std::string, double>> lane_metrics(const std::string& out);

}  // namespace tamari::lab
