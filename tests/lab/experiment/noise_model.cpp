// See noise_model.h.
#include "noise_model.h"

#include <cmath>
#include <numbers>
#include <string>

#include "lab/experiment/gate.h"
#include "lab/experiment/runner.h"

namespace tamari::lab {

NoisyMachine::NoisyMachine(const NoiseModel& model, std::size_t samples, std::uint64_t seed)
    : model_(model),
      drift_per_sample_(model.drift / std::sqrt(static_cast<double>(samples))),
      random_(seed) {}

double NoisyMachine::next() {
  level_ += drift_per_sample_ * normal();
  if (uniform() < model_.steps_per_sample) {
    level_ += stepped_ ? -model_.step : model_.step;
    stepped_ = !stepped_;
  }
  double sample = level_ + model_.spread * (model_.heavy_tails ? student3() : normal());
  if (uniform() < model_.slowed_share) {
    sample += std::log1p(std::lerp(model_.slowed_least, model_.slowed_most, uniform()));
  }
  return sample;
}

double NoisyMachine::uniform() {
  constexpr double kBits = 0x1p-53;
  return (static_cast<double>(random_() >> 11) + 0.5) * kBits;
}

double NoisyMachine::normal() {
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

// Of standard deviation 1, as normal() is.
double NoisyMachine::student3() {
  const double numerator = normal();
  double squares = 0;
  for (int i = 0; i < 3; ++i) squares += std::pow(normal(), 2);
  return numerator / std::sqrt(squares);
}

std::vector<double> equal_blocks(NoisyMachine& machine, std::size_t blocks) {
  std::vector<double> effects(blocks);
  for (double& effect : effects) {
    for (const double side : {-1, 1, 1, -1}) effect += side * machine.next() / 2;
  }
  return effects;
}

namespace {

Stage stage_of(const char* name, std::size_t blocks, const std::vector<const char*>& gates) {
  Stage stage;
  stage.name = name;
  stage.runs = blocks;
  for (const char* gate : gates) stage.gates.push_back(parse_gate(gate));
  return stage;
}

}  // namespace

Plan sweep_plan(std::size_t screen_blocks, std::size_t replay_blocks) {
  Plan plan;
  plan.name = "simulated";
  plan.order = Order::kAbba;
  for (const char* name :
       {"base", kGainer, "variant2", "variant3", "variant4", "variant5", "variant6", kAgainName}) {
    plan.arms.emplace_back().name = name;
  }
  plan.arms.back().again = true;
  for (const char* name : {"main", "guard", "larson_proxy"}) {
    plan.workloads.emplace_back().name = name;
  }
  plan.metrics.push_back({"ops", Better::kHigher, ""});
  plan.stages.push_back(stage_of("screen", screen_blocks,
                                 {"main: ops>=+3%", "guard: ops>=-3%", "larson_proxy: ops>=-3%"}));
  if (replay_blocks == 0) return plan;
  plan.stages.push_back(stage_of("replay", replay_blocks,
                                 {"main: ops>=+5%", "guard: ops>=-4%", "larson_proxy: ops>=-4%"}));
  plan.stages.back().winners_only = true;
  plan.stages.back().no_failures = true;
  return plan;
}

std::size_t samples_of(const Plan& plan) {
  std::size_t blocks = 0;
  for (const Stage& stage : plan.stages) blocks += stage.runs;
  return blocks * plan.workloads.size() * 4 * (plan.arms.size() - 1);
}

void take_stage(const Plan& plan, std::size_t stage, const std::vector<std::string>& variants,
                double gain, NoisyMachine& machine, std::vector<SampleRecord>& records) {
  constexpr double kOpsOfBase = 1e6;
  for (std::size_t block = 0; block < plan.stages[stage].runs; ++block) {
    for (std::size_t workload = 0; workload < plan.workloads.size(); ++workload) {
      for (const Slot& slot : block_slots(plan, stage, workload, block, variants)) {
        const bool gains = plan.arms[slot.arm].name == kGainer && workload == 0;
        SampleRecord record;
        record.machine = "simulated";
        record.stage = plan.stages[stage].name;
        record.workload = plan.workloads[workload].name;
        record.block = block;
        record.group = slot.group;
        record.slot = slot.slot;
        record.index = records.size();
        record.arm = plan.arms[slot.arm].name;
        record.exit_status = 0;
        record.metrics["ops"] = kOpsOfBase * std::exp((gains ? gain : 0) - machine.next());
        records.push_back(std::move(record));
      }
    }
  }
}

}  // namespace tamari::lab
