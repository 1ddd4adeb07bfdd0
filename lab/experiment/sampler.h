// One sample: a fresh child with the arm's library under the workload's program, everything that
// came out of it, and whether it counts.
//
// A program may be a script that starts others. Time, faults and switches are then sums over all
// processes that were waited for, the peak is that of the largest, and counters are sums over all
// that ended by exit() or by returning from main.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "lab/environment.h"
#include "lab/experiment/arms.h"
#include "lab/experiment/exit_statistics.h"
#include "lab/experiment/plan.h"
#include "lab/experiment/ready_workload.h"
#include "lab/experiment/sample_record.h"
#include "lab/spawner.h"

namespace tamari::lab {

class Sampler {
 public:
  // The spawner should have been made while this process was small.
  Sampler(const Plan& plan, const Machine& machine, Spawner& spawner, StatisticsFolder& statistics);

  struct Taken {
    SampleRecord record;  // its place in the experiment is for the caller to fill in
    std::string err;      // what the program printed there
  };
  // None if the user interrupted it.
  std::optional<Taken> take(const ReadyArm& arm, const ReadyWorkload& workload);

 private:
  SampleRecord describe(const ReadyArm& arm, const ReadyWorkload& workload);
  ChildRequest request(const ReadyArm& arm, const ReadyWorkload& workload);
  bool is_mapped(const ReadyArm& arm, const ReadyWorkload& workload, const ChildResult& child);
  void add_statistics(const ReadyArm& arm, std::optional<ExitStatistics> statistics,
                      SampleRecord& record);
  std::string check(const ReadyWorkload& workload, const ChildResult& child);

  const Plan& plan_;
  Machine machine_;
  Spawner& spawner_;
  StatisticsFolder& statistics_;
  std::optional<cpu_set_t> cpus_;
  std::map<std::pair<std::string, std::string>, bool> proved_;  // by arm and workload
};

}  // namespace tamari::lab
