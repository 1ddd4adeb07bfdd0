// See ready_experiment.h.
#include "lab/experiment/ready_experiment.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include "lab/command_error.h"
#include "lab/experiment/machine_id.h"

namespace tamari::lab {
namespace {

constexpr std::uint64_t kBytesPerSample = 12 << 10;  // of a tamari with all its counters

void check_stage_names(const Plan& plan) {
  for (const Stage& stage : plan.stages) {
    if (stage.name != kWarmUp) continue;
    throw CommandError(kHarness, fmt::format("a stage may not be called '{}': the first samples "
                                             "of the arms are",
                                             kWarmUp));
  }
}

// What needs no child is refused first.
const Plan& checked(const Plan& plan, const Shard& shard) {
  validate(plan);
  check_stage_names(plan);
  check_shard(plan, shard);
  return plan;
}

}  // namespace

ReadyExperiment::ReadyExperiment(const Plan& plan, const Shard& shard)
    : machine(describe_machine()),
      machine_name(machine_id(machine)),
      arms(ready_arms(checked(plan, shard), statistics)),
      workloads(ready_workloads(plan, arms)),
      sampler(plan, machine, spawner, statistics) {
  for (const ReadyArm& arm : arms) stamps_.push_back(stamp(arm.library.path));
  for (const ReadyWorkload& workload : workloads) stamps_.push_back(stamp(workload.program.path));
}

ReadyExperiment::Stamp ReadyExperiment::stamp(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {path, {}, -1, 0};
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {path,
          {info.st_dev, info.st_ino},
          info.st_size,
          info.st_mtim.tv_sec * kNanoseconds + info.st_mtim.tv_nsec};
}

void ReadyExperiment::refuse_changed_files() const {
  for (const Stamp& earlier : stamps_) {
    if (stamp(earlier.path) == earlier) continue;
    throw CommandError(kHarness, fmt::format("{} was changed while the experiment ran: put it back "
                                             "and go on, or begin anew in another folder",
                                             earlier.path));
  }
}

FolderHeader ReadyExperiment::header(const Plan& plan, const Shard& shard) const {
  FolderHeader header;
  header.plan = plan;
  header.shard = shard;
  header.machine = machine;
  header.machine_id = machine_name;
  for (const ReadyArm& arm : arms) {
    header.subjects.push_back({"arm " + arm.name, arm.arm.preload, arm.library});
  }
  for (const ReadyWorkload& workload : workloads) {
    header.subjects.push_back({"workload " + workload.name, "", workload.program});
  }
  return header;
}

std::size_t most_blocks(const Stage& stage) {
  return stage.automatic ? stage.automatic->most : stage.runs;
}

std::uint64_t expected_bytes(const Plan& plan) {
  std::vector<std::string> arms;
  for (const ArmSpec& arm : plan.arms) arms.push_back(arm.name);
  std::size_t samples = plan.arms.size() * plan.workloads.size();
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    samples += most_blocks(plan.stages[stage]) * plan.workloads.size() *
               block_slots(plan, stage, 0, 0, arms).size();
  }
  return samples * kBytesPerSample;
}

}  // namespace tamari::lab
