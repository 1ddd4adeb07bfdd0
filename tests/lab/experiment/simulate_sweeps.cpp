// See simulation.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lab/experiment/judgement.h"
#include "noise_model.h"
#include "simulation.h"

namespace tamari::lab {
namespace {

constexpr double kFalseGoMost = 0.05;

// What the judge says of sweeps in which one variant gains on `main`, or none does.
struct Sweeps {
  Share go;            // the first variant, or any where all are equal
  Share gain_on_main;  // told at the corrected confidence, of whom it was asked
  Share replayed;
  Coverage coverage;  // of the screen's intervals

  Sweeps& operator+=(const Sweeps& other) {
    go += other.go;
    gain_on_main += other.gain_on_main;
    replayed += other.replayed;
    coverage += other.coverage;
    return *this;
  }
};

bool finds_gain(const GateResult& gate) {
  return gate.workload == "main" && gate.estimate && gate.adjusted_p <= 1 - kConfidence &&
         gate.estimate->interval.low > 0;
}

void judge_sweep(const Plan& plan, const NoiseModel& model, double gain, std::uint64_t seed,
                 Sweeps& tally) {
  NoisyMachine machine(model, samples_of(plan), seed);
  std::vector<SampleRecord> records;
  bool replayed = false;
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    const auto variants = arms_for_stage(plan, stage, records);
    if (variants.empty()) break;
    replayed = stage > 0;
    take_stage(plan, stage, variants, gain, machine, records);
  }
  const Judgement judgement = judge(plan, records);
  tally.replayed.count(replayed);
  const auto asked = [gain](const auto& of) { return gain == 0 || of.arm == kGainer; };
  tally.go.count(std::any_of(
      judgement.variants.begin(), judgement.variants.end(),
      [&](const auto& variant) { return asked(variant) && variant.verdict == Verdict::kGo; }));
  tally.gain_on_main.count(
      std::any_of(judgement.gates.begin(), judgement.gates.end(),
                  [&](const auto& gate) { return asked(gate) && finds_gain(gate); }));
  for (const Effect& effect : judgement.effects) {
    if (effect.stage != plan.stages.front().name) continue;
    const bool gains = effect.arm == kGainer && effect.workload == "main";
    tally.coverage.count(effect.estimate.value(), gains ? gain : 0);
  }
}

Sweeps judge_sweeps(const Plan& plan, const NoiseModel& model, double gain, std::size_t count) {
  return for_seeds<Sweeps>(count, [&](std::uint64_t seed, Sweeps& tally) {
    judge_sweep(plan, model, gain, seed, tally);
  });
}

void simulate_equal_arms(const Sizes& sizes) {
  const auto sweeps =
      judge_sweeps(sweep_plan(kScreen, kReplay), kSharedMachine, 0, sizes.equal_sweeps);
  claim(sweeps.go.value() <= kFalseGoMost,
        fmt::format("seven equal arms: GO for any in {} sweeps", sweeps.go.words()));
  claim(sweeps.gain_on_main.value() <= kFalseGoMost,
        fmt::format("seven equal arms: a gain on main that is none in {} sweeps",
                    sweeps.gain_on_main.words()));
  note(fmt::format("{} sweeps came to the replay", sweeps.replayed.words()));
  claim_coverage(sweeps.coverage, fmt::format("judged sweeps, {} blocks", kScreen));
  const auto longer = judge_sweeps(sweep_plan(kReplay, 0), kSharedMachine, 0, sizes.replay_sweeps);
  claim_coverage(longer.coverage, fmt::format("judged sweeps, {} blocks", kReplay));
}

// Where the noise lets a gate be passed: no GO for nothing, and one for a gain beyond the gates.
void simulate_quiet_machine(const Sizes& sizes) {
  constexpr double kClearGain = 0.10;
  NoiseModel quiet = kSharedMachine;
  quiet.spread /= 4;
  quiet.slowed_share = 0;
  quiet.steps_per_sample = 0;
  const Plan plan = sweep_plan(kScreen, kReplay);
  const auto equal = judge_sweeps(plan, quiet, 0, sizes.replay_sweeps);
  claim(equal.go.value() <= kFalseGoMost,
        fmt::format("quiet machine, seven equal arms: GO for any in {} sweeps", equal.go.words()));
  const auto better = judge_sweeps(plan, quiet, std::log1p(kClearGain), sizes.replay_sweeps);
  claim(better.go.at_least(kPowerLeast),
        fmt::format("quiet machine, a true +10 % on main: GO in {} sweeps", better.go.words()));
}

struct GainSweeps {
  Share found;
  std::vector<std::size_t> announced;

  GainSweeps& operator+=(const GainSweeps& other) {
    found += other.found;
    announced.insert(announced.end(), other.announced.begin(), other.announced.end());
    return *this;
  }
};

const GateResult& main_gate_of_first_variant(const Judgement& judgement) {
  return *std::find_if(judgement.gates.begin(), judgement.gates.end(), [](const auto& gate) {
    return gate.workload == "main" && gate.arm == kGainer;
  });
}

// All arms for so many blocks; the answer of the gate that asks for the gain.
GateResult judge_gain(std::size_t blocks, std::uint64_t seed) {
  const Plan plan = sweep_plan(blocks, 0);
  NoisyMachine machine(kSharedMachine, samples_of(plan), seed);
  std::vector<SampleRecord> records;
  take_stage(plan, 0, arms_for_stage(plan, 0, records), std::log1p(kTrueGain), machine, records);
  return main_gate_of_first_variant(judge(plan, records));
}

// A first stage announces how many blocks would do; a sweep of that many is then judged alone.
void simulate_gain(const Sizes& sizes) {
  auto sweeps = for_seeds<GainSweeps>(sizes.gain_sweeps, [](std::uint64_t seed, GainSweeps& tally) {
    const GateResult first = judge_gain(kScreen, 2 * seed);
    if (!first.blocks_needed) {  // decided at once, or beyond reach
      tally.found.count(finds_gain(first));
      return;
    }
    tally.announced.push_back(*first.blocks_needed);
    tally.found.count(finds_gain(judge_gain(*first.blocks_needed, 2 * seed + 1)));
  });
  std::sort(sweeps.announced.begin(), sweeps.announced.end());
  const auto quantile = [&](double share) {
    return sweeps.announced.at(
        static_cast<std::size_t>(share * static_cast<double>(sweeps.announced.size() - 1)));
  };
  claim(sweeps.found.value() >= kPowerLeast,
        fmt::format("a true +3 % on main: found in {} sweeps of the number of blocks that a first "
                    "stage announced (median {}, nine in ten from {} to {})",
                    sweeps.found.words(), quantile(0.5), quantile(0.05), quantile(0.95)));
}

}  // namespace

void simulate_sweeps(const Sizes& sizes) {
  simulate_equal_arms(sizes);
  simulate_quiet_machine(sizes);
  simulate_gain(sizes);
}

}  // namespace tamari::lab
