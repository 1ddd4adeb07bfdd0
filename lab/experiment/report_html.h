// The page that people look at: verdict, figures, counters, plan, environment. One file, no script,
// nothing from the network, light and dark.
#pragma once

#include <string>

#include "lab/experiment/report.h"

namespace tamari::lab {

std::string experiment_page(const Report& report);

// Its parts.
std::string view_section(const Report& report, const View& view);  // one workload in one stage
std::string liveness_section(const Report& report);
std::string hard_kill_section(const Report& report);
std::string plan_section(const Report& report);
std::string arms_section(const Report& report);  // what ran, by content
std::string environment_section(const Report& report);
std::string failures_section(const Report& report);

}  // namespace tamari::lab
