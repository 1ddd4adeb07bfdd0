// A workload of the plan made ready to run: the program found, and proved to be within the reach of
// every arm's library.
#pragma once

#include <string>
#include <vector>

#include "lab/experiment/arms.h"

namespace tamari::lab {

struct ReadyWorkload {
  std::string name;
  std::vector<std::string> argv;  // argv[0] is a path
  FileFacts program;
  bool is_lane = false;
  std::string check;
};

// A CommandError names the workload: no such program, one that no preload reaches, a check that is
// no shell command.
std::vector<ReadyWorkload> ready_workloads(const Plan& plan, const std::vector<ReadyArm>& arms);

}  // namespace tamari::lab
