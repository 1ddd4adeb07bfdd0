// See runner.h. All that is decided here follows from the plan and the records so far, so that an
// interrupted run goes on exactly where it stopped.
#include "lab/experiment/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "lab/command_error.h"
#include "lab/experiment/experiment_folder.h"
#include "lab/experiment/judgement.h"
#include "lab/experiment/progress.h"
#include "lab/experiment/ready_experiment.h"
#include "lab/experiment/schedule.h"
#include "lab/experiment/stopping.h"

namespace tamari::lab {
namespace {

std::vector<std::string> names_of_arms(const Plan& plan) {
  std::vector<std::string> names;
  for (const ArmSpec& arm : plan.arms) names.push_back(arm.name);
  return names;
}

class Runner {
 public:
  Runner(const Plan& plan, const std::string& folder, const Shard& shard)
      : plan_(plan),
        shard_(shard),
        ready_(plan, shard),
        folder_(folder, ready_.header(plan, shard), expected_bytes(plan)),
        folder_name_(folder),
        resumed_(!folder_.header().sessions.empty()) {
    for (const SampleRecord& record : folder_.records()) note(record);
  }

  Experiment run() {
    const bool done = warm_up() && run_stages();
    progress_.clear();
    if (in_session_ && !interrupted_) folder_.end_session();
    if (!done && !interrupted_) {
      fmt::print(
          stderr,
          "note: the budget of {:.0f} s is spent; --resume with this folder goes on from here\n",
          plan_.budget_s);
    }
    Experiment experiment;
    experiment.plan = plan_;
    experiment.machine = ready_.machine;
    experiment.machine_id = ready_.machine_name;
    experiment.records = folder_.records();
    for (const Session& session : folder_.header().sessions) {
      experiment.sessions.push_back(session.started);
    }
    experiment.interrupted = interrupted_;
    experiment.shard = folder_.header().shard;
    experiment.joined = folder_.header().joined;
    return experiment;
  }

 private:
  void note(const SampleRecord& record) {
    taken_.add(record);
    if (record.machine == ready_.machine_name)
      next_index_ = std::max(next_index_, record.index + 1);
  }

  // The rest of these is false when the run is to end here.
  bool warm_up();
  bool warm_up(std::size_t arm, std::size_t workload);
  bool run_stages();
  bool run_stage(std::size_t stage, const std::vector<std::string>& variants);
  bool run_block(std::size_t stage, std::size_t workload, std::size_t block,
                 const std::vector<Slot>& slots);
  bool take(const std::string& round, SampleRecord place, std::size_t arm, std::size_t workload);

  std::vector<Slot> missing(std::size_t stage, std::size_t workload, std::size_t block,
                            const std::vector<std::string>& variants) const;
  std::vector<std::string> variants_for(std::size_t stage) const;
  void expect_from(std::size_t stage, const std::vector<std::string>& variants);
  const SampleRecord* find_warm_up(std::size_t arm, std::size_t workload) const;
  void judge_first_sample(const SampleRecord& record) const;
  bool budget_spent() const;

  const Plan& plan_;
  Shard shard_;
  ReadyExperiment ready_;
  ExperimentFolder folder_;
  std::string folder_name_;
  bool resumed_;
  bool in_session_ = false;
  bool interrupted_ = false;
  TakenSlots taken_;
  std::size_t next_index_ = 0;
  Progress progress_{0};
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The base first on every workload: what is wrong with a command shows before anything is spent.
bool Runner::warm_up() {
  expect_from(0, names_of_arms(plan_));
  for (std::size_t arm = 0; arm < ready_.arms.size(); ++arm) {
    for (std::size_t workload = 0; workload < ready_.workloads.size(); ++workload) {
      if (!warm_up(arm, workload)) return false;
      if (arm == 0) judge_first_sample(*find_warm_up(arm, workload));
    }
  }
  return true;
}

bool Runner::warm_up(std::size_t arm, std::size_t workload) {
  const SampleRecord* earlier = find_warm_up(arm, workload);
  if (earlier != nullptr && (arm != 0 || earlier->good())) return true;
  SampleRecord place;
  place.stage = kWarmUp;
  return take(kWarmUp, std::move(place), arm, workload);
}

// The last one: that of the base is taken again until it is good.
const SampleRecord* Runner::find_warm_up(std::size_t arm, std::size_t workload) const {
  const auto& records = folder_.records();
  const auto found = std::find_if(records.rbegin(), records.rend(), [&](const auto& record) {
    return record.machine == ready_.machine_name && record.stage == kWarmUp &&
           record.arm == ready_.arms[arm].name &&
           record.workload == ready_.workloads[workload].name;
  });
  return found == records.rend() ? nullptr : &*found;
}

// A base that fails at once, or prints nothing to judge by, would waste the whole run.
void Runner::judge_first_sample(const SampleRecord& record) const {
  if (!record.good()) {
    throw CommandError(kHarness,
                       fmt::format("the first sample of '{}' on '{}' failed: {}; mend "
                                   "that and start again ({}/logs has its output)",
                                   record.arm, record.workload, record.failure, folder_name_));
  }
  for (const Stage& stage : plan_.stages) {
    for (const Gate& gate : stage.gates) {
      if (!gate.workload.empty() && gate.workload != record.workload) continue;
      if (record.metrics.count(gate.metric) != 0) continue;
      throw CommandError(
          kHarness, fmt::format("'{}' did not print the metric '{}', which a gate of the stage "
                                "'{}' is on: mend the metric's expression, or drop the gate",
                                record.workload, gate.metric, stage.name));
    }
  }
}

bool Runner::run_stages() {
  for (std::size_t stage = 0; stage < plan_.stages.size(); ++stage) {
    const bool winners_only = plan_.stages[stage].winners_only;
    if (winners_only && !shard_.whole()) {
      fmt::print(stderr, "note: the stage '{}' waits until the shards are joined\n",
                 plan_.stages[stage].name);
      return true;
    }
    const auto variants = variants_for(stage);
    if (winners_only && variants.empty()) return true;
    expect_from(stage, variants);
    if (!run_stage(stage, variants)) return false;
  }
  return true;
}

// A part of the blocks decides about no variant.
std::vector<std::string> Runner::variants_for(std::size_t stage) const {
  return shard_.whole() ? arms_for_stage(plan_, stage, folder_.records()) : names_of_arms(plan_);
}

std::vector<Slot> Runner::missing(std::size_t stage, std::size_t workload, std::size_t block,
                                  const std::vector<std::string>& variants) const {
  return taken_.missing(plan_, ready_.machine_name, plan_.stages[stage].name,
                        plan_.workloads[workload].name, block,
                        block_slots(plan_, stage, workload, block, variants));
}

// The workloads take turns, so that a partial result is balanced.
bool Runner::run_stage(std::size_t stage, const std::vector<std::string>& variants) {
  const Stage& spec = plan_.stages[stage];
  for (std::size_t block = 0; block < most_blocks(spec); ++block) {
    if (!shard_.takes(block)) continue;
    if (spec.automatic && stops_before(plan_, spec, variants, folder_.records(), block)) break;
    for (std::size_t workload = 0; workload < plan_.workloads.size(); ++workload) {
      const auto slots = missing(stage, workload, block, variants);
      if (slots.empty()) continue;
      if (budget_spent() || !run_block(stage, workload, block, slots)) return false;
    }
    progress_.show(short_standing(plan_, spec, variants, folder_.records()));
  }
  return true;
}

bool Runner::run_block(std::size_t stage, std::size_t workload, std::size_t block,
                       const std::vector<Slot>& slots) {
  const Stage& spec = plan_.stages[stage];
  const std::string round = fmt::format("{}: block {}/{}{}", spec.name, block + 1,
                                        spec.automatic ? "<=" : "", most_blocks(spec));
  for (const Slot& slot : slots) {
    SampleRecord place;
    place.stage = spec.name;
    place.block = block;
    place.group = slot.group;
    place.slot = slot.slot;
    if (!take(round, std::move(place), slot.arm, workload)) return false;
  }
  return true;
}

bool Runner::take(const std::string& round, SampleRecord place, std::size_t arm,
                  std::size_t workload) {
  if (!in_session_) folder_.begin_session();
  in_session_ = true;
  progress_.before(round,
                   fmt::format("{} {}", ready_.workloads[workload].name, ready_.arms[arm].name));
  auto taken = ready_.sampler.take(ready_.arms[arm], ready_.workloads[workload]);
  interrupted_ = !taken;
  if (interrupted_) return false;
  ready_.refuse_changed_files();
  SampleRecord& record = taken->record;
  record.machine = ready_.machine_name;
  record.stage = place.stage;
  record.block = place.block;
  record.group = place.group;
  record.slot = place.slot;
  record.index = next_index_;
  record.resumed = resumed_;
  folder_.append(record);
  if (!record.good()) folder_.keep_log(record, taken->err);
  note(record);
  progress_.after();
  return true;
}

void Runner::expect_from(std::size_t first, const std::vector<std::string>& variants) {
  std::size_t samples = 0;
  for (std::size_t arm = 0; arm < ready_.arms.size(); ++arm) {
    for (std::size_t workload = 0; workload < ready_.workloads.size(); ++workload) {
      samples += find_warm_up(arm, workload) == nullptr ? 1 : 0;
    }
  }
  bool at_most = false;
  for (std::size_t stage = first; stage < plan_.stages.size(); ++stage) {
    at_most |= plan_.stages[stage].automatic || (stage > first && plan_.stages[stage].winners_only);
    for (std::size_t block = 0; block < most_blocks(plan_.stages[stage]); ++block) {
      for (std::size_t workload = 0; shard_.takes(block) && workload < plan_.workloads.size();
           ++workload) {
        samples += missing(stage, workload, block, variants).size();
      }
    }
  }
  progress_.expect(samples, at_most);
}

bool Runner::budget_spent() const {
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
  return plan_.budget_s > 0 && spent.count() > plan_.budget_s;
}

}  // namespace

Experiment load_experiment(const std::string& folder) {
  FolderContents contents = read_folder(folder);
  Experiment experiment;
  experiment.plan = std::move(contents.header.plan);
  experiment.machine = contents.header.machine;
  experiment.machine_id = contents.header.machine_id;
  experiment.records = std::move(contents.records);
  const auto& sessions = contents.header.sessions;
  for (const Session& session : sessions) experiment.sessions.push_back(session.started);
  experiment.interrupted = !sessions.empty() && sessions.back().ended.empty();
  experiment.shard = contents.header.shard;
  experiment.joined = contents.header.joined;
  return experiment;
}

Experiment run_experiment(const Plan& plan, const std::string& folder, const Shard& shard) {
  catch_interrupts();
  return Runner(plan, folder, shard).run();
}

}  // namespace tamari::lab
