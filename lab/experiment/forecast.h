// How large an experiment is and how long it will take.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lab/experiment/plan.h"

namespace tamari::lab {

// Of one stage on one workload, at most: a stage of automatic length may stop earlier, and one for
// winners may have fewer arms.
std::size_t most_samples(const Plan& plan, std::size_t stage, std::size_t workload);

// Seconds that a sample of each workload takes: by running one of the base, or by a rule of thumb;
// none where nothing can be said.
std::vector<std::optional<double>> measured_seconds(const Plan& plan);
std::vector<std::optional<double>> guessed_seconds(const Plan& plan, unsigned cpus);

// A line for each stage and workload, and the sum.
std::string forecast_words(const Plan& plan, const std::vector<std::optional<double>>& seconds);

// "2 h 5 min", "48 s".
std::string duration_words(double seconds);

}  // namespace tamari::lab
