// An arm of the plan made ready to run: which file owns malloc, in which environment, and the proof
// that it does.
#pragma once

#include <string>
#include <vector>

#include "lab/child.h"
#include "lab/elf_file.h"
#include "lab/experiment/plan.h"
#include "lab/experiment/sample_record.h"
#include "lab/peers.h"

namespace tamari::lab {

class StatisticsFolder;

struct ReadyArm {
  std::string name;
  Arm arm;  // what its library is and how it is preloaded; its settings are those below
  bool is_tamari = false;
  bool is_glibc = false;  // nothing of the arm's own is preloaded
  std::vector<std::string> settings;
  FileFacts library;
  ElfFacts elf;

  // A preload that the user has set already is kept, after the arm's own library; settings of any
  // allocator in the user's environment are removed.
  std::vector<EnvironmentChange> environment(const std::vector<std::string>& more_settings) const;
};

// Proves in children that each arm's library owns malloc, takes its settings, and has them in
// force. A CommandError names the first arm that does not, and why.
std::vector<ReadyArm> ready_arms(const Plan& plan, StatisticsFolder& statistics);

// What a file is by its content.
FileFacts facts_of(const std::string& path);

}  // namespace tamari::lab
