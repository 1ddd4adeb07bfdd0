// Small plans for the tests of the runner.
#pragma once

#include <string>
#include <vector>

#include "lab/experiment/plan.h"

namespace tamari::lab {

inline Workload program(const std::string& name, const std::vector<std::string>& deeds) {
  Workload workload;
  workload.name = name;
  workload.command = {SAMPLE_PROGRAM};
  workload.command.insert(workload.command.end(), deeds.begin(), deeds.end());
  return workload;
}

// glibc against itself: the base, one variant for each name, and the A/A arm.
inline Plan make_plan(const std::vector<std::string>& variants, std::size_t runs) {
  Plan plan;
  plan.name = "test";
  plan.arms.push_back({"base", "glibc", {}, false});
  for (const std::string& name : variants) plan.arms.push_back({name, "glibc", {}, false});
  plan.arms.push_back({kAgainName, "glibc", {}, true});
  plan.workloads = {program("quiet", {"print=rate=7"})};
  plan.stages.push_back({"screen", runs, std::nullopt, {}, false, false});
  plan.timeout_s = 20;
  return plan;
}

}  // namespace tamari::lab
