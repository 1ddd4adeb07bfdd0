// Gates and metrics as people write them: "ops>=+3%", "main: rss<=+5%", "rate=([0-9.]+)/s:higher".
#pragma once

#include <string>

#include "lab/experiment/plan.h"

namespace tamari::lab {

// "[WORKLOAD: ]METRIC>=LIMIT%" or "...<=LIMIT%"; blanks anywhere. Aliases become the metrics' own
// names. Whether metric and workload exist is for validate() to say. A CommandError says what is
// wrong and shows a gate that is right.
Gate parse_gate(const std::string& text);

// As parse_gate reads it: "main: ops>=+3%".
std::string print_gate(const Gate& gate);

// A change in per cent, as a fraction: "+3.0%" is 0.03. `what` begins the sentence of the error.
double parse_percent(const std::string& text, const std::string& what);
std::string print_percent(double fraction);

// "NAME=REGEX[:higher|lower]"; lower is better unless said. Group 1 is the number.
MetricSpec parse_metric(const std::string& text);
// The part behind NAME=, for those who know the name already.
MetricSpec parse_metric(const std::string& name, const std::string& expression);

// Does "no change" fail the gate? Then it demands a gain; else it forbids a loss.
bool demands_gain(const Gate& gate);

}  // namespace tamari::lab
