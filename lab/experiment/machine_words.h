// How an experiment that was carried out in parts, or on several machines, is told.
#pragma once

#include <string>

#include "lab/experiment/report.h"

namespace tamari::lab {

// "on this machine today", "on these 3 machines".
std::string place_words(const Experiment& experiment);

// "joined from 4 shards of 3 machines, resumed once", or nothing.
std::string origin_words(const Experiment& experiment);

// Of an experiment on several machines, whether they agree about a metric: "3 machines about speed:
// wide: they agree (Cochran's Q 1.2, p 0.55; I2 0%, the share of the variation between them)".
std::string agreement_words(const Report& report, const View& view, const std::string& metric);

}  // namespace tamari::lab
