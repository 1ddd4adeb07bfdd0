// The parts that the JSON of every bench report has: unknown is null, never 0.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "lab/arm_results.h"
#include "lab/contestants.h"
#include "lab/environment.h"

namespace tamari::lab {

using Json = nlohmann::ordered_json;

inline constexpr int kJsonIndent = 1;

Json or_null(const std::string& text);
Json or_null(const std::optional<double>& value);
Json or_null(const std::optional<Interval>& interval);

Json machine_json(const Machine& machine);
Json sample_json(const Sample& sample);
Json summary_json(const ArmSummary& summary);
Json standing_json(const std::optional<Standing>& standing);

// "arms", "refused_arms", "missing_arms" and "notes".
void add_contestants(const Contestants& contestants, Json& report);

}  // namespace tamari::lab
