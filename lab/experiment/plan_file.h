// Reads an experiment file (TOML) that a person wrote; docs/method.md describes its keys. Every
// error is one sentence with the file and the line.
#pragma once

#include <string>

#include "lab/experiment/plan.h"

namespace tamari::lab {

// `cpus`: what the lanes' iterations are scaled to, as effective_lane() does. The plan comes with
// its A/A arm and has passed validate().
Plan read_plan_file(const std::string& path, unsigned cpus);

// The same from a text; `source` stands for the file in errors.
Plan plan_from_toml(const std::string& text, const std::string& source, unsigned cpus);

// "45min", "1h30min", "90s", as seconds.
double parse_duration(const std::string& text, const std::string& what);

}  // namespace tamari::lab
