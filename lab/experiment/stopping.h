// What the records of a stage that is still running say: is it narrow enough to stop, and how it
// stands, for the progress line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lab/experiment/plan.h"
#include "lab/experiment/sample_record.h"

namespace tamari::lab {

// Does the rule of a stage of automatic length stop it before `block`? Only earlier blocks are
// looked at, so that a resumed stage decides as it did before. A variant that has no estimate yet,
// because its samples fail, is not waited for.
bool stops_before(const Plan& plan, const Stage& stage, const std::vector<std::string>& variants,
                  const std::vector<SampleRecord>& records, std::size_t block);

// The first gate's metric of each variant with its interval: "ops: wide +1.2% [-0.3, +2.7]"; empty
// without a gate or an estimate.
std::string short_standing(const Plan& plan, const Stage& stage,
                           const std::vector<std::string>& variants,
                           const std::vector<SampleRecord>& records);

}  // namespace tamari::lab
