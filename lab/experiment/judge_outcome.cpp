// The outcome of one stage for one variant: the first reason that applies, in a fixed order.
#include <fmt/format.h>

#include <algorithm>

#include "lab/experiment/gate.h"
#include "lab/experiment/judge_parts.h"
#include "lab/experiment/judge_words.h"

namespace tamari::lab {
namespace {

// All that is known of one variant in one stage.
struct Case {
  const Plan& plan;
  const Stage& stage;
  std::vector<const Liveness*> liveness;
  std::vector<const HardKillResult*> hard_kills;
  std::vector<const GateResult*> gates;
  std::vector<const SampleRecord*> failures;
  std::size_t samples = 0;
  std::size_t base_failures = 0;
  bool complete = false;
};

template <typename Item>
std::vector<const Item*> of_arm(const std::vector<Item>& items, const std::string& arm) {
  std::vector<const Item*> own;
  for (const Item& item : items) {
    if (item.arm == arm) own.push_back(&item);
  }
  return own;
}

Samples failed_ones(const Samples& samples) {
  Samples failed;
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(failed),
               [](const SampleRecord* sample) { return !sample->good(); });
  return failed;
}

// A warm-up that failed counts as a failure of the first stage.
void count_samples(const RecordIndex& index, std::size_t stage, std::size_t arm, Case& facts) {
  if (stage == 0) facts.failures = failed_ones(index.warm_ups(arm));
  const auto again = again_of(index.plan());
  for (std::size_t workload = 0; workload < index.plan().workloads.size(); ++workload) {
    for (const SampleGroup& group : index.groups(stage, workload)) {
      for (const SampleRecord* sample : group.arms[arm]) {
        ++facts.samples;
        if (!sample->good()) facts.failures.push_back(sample);
      }
      facts.base_failures += failures_in(group.arms.front());
      if (again) facts.base_failures += failures_in(group.arms[*again]);
    }
  }
}

std::size_t count(const std::vector<const GateResult*>& gates, GateState state) {
  return static_cast<std::size_t>(std::count_if(
      gates.begin(), gates.end(), [&](const GateResult* gate) { return gate->state == state; }));
}

// The first gate in that state, and how many more there are.
std::string first_of(const std::vector<const GateResult*>& gates, GateState state) {
  const auto first = std::find_if(gates.begin(), gates.end(),
                                  [&](const GateResult* gate) { return gate->state == state; });
  const std::size_t others = count(gates, state) - 1;
  if (others == 0) return (*first)->why;
  return fmt::format("{} (and {} like it)", (*first)->why, counted(others, "gate"));
}

std::string failure_words(const Case& facts) {
  const SampleRecord& first = *facts.failures.front();
  return fmt::format("{} failed beside {} taken, the first on {}: {}",
                     counted(facts.failures.size(), "sample"), facts.samples, first.workload,
                     first.failure);
}

StageOutcome make(const Case& facts, Verdict verdict, const std::string& why) {
  return {facts.stage.name, verdict, why};
}

bool is_blind(const Case& facts, const std::string& workload) {
  return std::any_of(facts.liveness.begin(), facts.liveness.end(), [&](const Liveness* life) {
    return life->workload == workload && life->blind();
  });
}

// A rule that could have fired nowhere.
bool is_idle(const Case& facts, const HardKill& rule) {
  bool measured = false;
  for (const HardKillResult* kill : facts.hard_kills) {
    if (kill->rule.counter != rule.counter || kill->rule.workloads != rule.workloads) continue;
    if (!kill->judged) continue;
    if (kill->proved && !is_blind(facts, kill->workload)) return false;
    measured = true;
  }
  return measured;
}

// Nothing can be learnt from the variant's figures.
std::optional<StageOutcome> invalid(const Case& facts) {
  const auto is_dead = [](const Liveness* life) { return life->blind(); };
  if (!facts.liveness.empty() &&
      std::all_of(facts.liveness.begin(), facts.liveness.end(), is_dead)) {
    return make(facts, Verdict::kInvalid,
                fmt::format("its settings changed nothing on any workload: on {}, {}",
                            facts.liveness.front()->workload, facts.liveness.front()->why));
  }
  for (const HardKill& rule : facts.plan.hard_kills) {
    if (!is_idle(facts, rule)) continue;
    return make(facts, Verdict::kInvalid,
                fmt::format("the hard kill on {} proves nothing: the counter was 0 or missing "
                            "wherever the variant's code ran",
                            rule.counter));
  }
  return std::nullopt;
}

std::optional<StageOutcome> blind(const Case& facts) {
  const auto is_gain = [](const GateResult* gate) { return demands_gain(gate->gate); };
  const auto is_blind = [](const GateResult* gate) { return gate->state == GateState::kBlind; };
  std::vector<const GateResult*> gains;
  std::copy_if(facts.gates.begin(), facts.gates.end(), std::back_inserter(gains), is_gain);
  if (!gains.empty() && std::all_of(gains.begin(), gains.end(), is_blind)) {
    return make(
        facts, Verdict::kInvalid,
        "no workload that demands a gain ran the code: " + first_of(gains, GateState::kBlind));
  }
  if (!facts.gates.empty() && std::all_of(facts.gates.begin(), facts.gates.end(), is_blind)) {
    return make(
        facts, Verdict::kInvalid,
        "no workload with a gate ran the code: " + first_of(facts.gates, GateState::kBlind));
  }
  return std::nullopt;
}

std::optional<StageOutcome> rejected(const Case& facts) {
  if (facts.stage.no_failures && !facts.failures.empty()) {
    return make(facts, Verdict::kNoGo, failure_words(facts));
  }
  for (const HardKillResult* kill : facts.hard_kills) {
    if (!kill->killed) continue;
    return make(facts, Verdict::kNoGo,
                fmt::format("{} rose by {:+.1f}% on {} (median {:.6g} to {:.6g}), past the hard "
                            "kill of {}",
                            kill->rule.counter, 100 * (*kill->median_arm / *kill->median_base - 1),
                            kill->workload, *kill->median_base, *kill->median_arm,
                            print_percent(kill->rule.rise)));
  }
  return std::nullopt;
}

std::string held_words(const Case& facts) {
  if (facts.gates.empty()) return "no gate was given";
  // The gain is what a reader looks for.
  std::vector<const GateResult*> order = facts.gates;
  std::stable_partition(order.begin(), order.end(),
                        [](const GateResult* gate) { return demands_gain(gate->gate); });
  const std::size_t blind_gates = count(order, GateState::kBlind);
  const std::size_t held = count(order, GateState::kHeld);
  const std::string aside =
      blind_gates == 0 ? "" : fmt::format(", {} blind", counted(blind_gates, "gate"));
  return fmt::format("{} held{}: {}", counted(held, "gate"), aside,
                     first_of(order, GateState::kHeld));
}

// Of a variant that no figure speaks against.
StageOutcome open(const Case& facts) {
  if (!facts.failures.empty()) {
    const bool alone = facts.base_failures == 0;
    return make(facts, alone ? Verdict::kNoGo : Verdict::kInconclusive,
                failure_words(facts) + (alone ? "" : "; the base failed too"));
  }
  if (count(facts.gates, GateState::kUndecided) > 0) {
    return make(facts, Verdict::kInconclusive, first_of(facts.gates, GateState::kUndecided));
  }
  if (count(facts.gates, GateState::kUnmeasured) > 0) {
    return make(facts, Verdict::kInconclusive, first_of(facts.gates, GateState::kUnmeasured));
  }
  if (!facts.complete) {
    return make(facts, Verdict::kInconclusive,
                fmt::format("the stage '{}' is not complete", facts.stage.name));
  }
  return make(facts, Verdict::kGo, held_words(facts));
}

}  // namespace

std::size_t failures_in(const Samples& samples) {
  return static_cast<std::size_t>(std::count_if(
      samples.begin(), samples.end(), [](const SampleRecord* sample) { return !sample->good(); }));
}

StageOutcome judge_outcome(const RecordIndex& index, std::size_t stage, std::size_t arm,
                           const StageJudgement& judgement) {
  const std::string& name = index.plan().arms[arm].name;
  Case facts{index.plan(),
             index.plan().stages[stage],
             of_arm(judgement.liveness, name),
             of_arm(judgement.hard_kills, name),
             of_arm(judgement.gates, name),
             {},
             0,
             0,
             judgement.complete};
  count_samples(index, stage, arm, facts);
  if (facts.samples == 0) {
    return make(facts, Verdict::kInconclusive,
                fmt::format("the stage '{}' has not been run", facts.stage.name));
  }
  if (const auto outcome = invalid(facts)) return *outcome;
  if (const auto outcome = rejected(facts)) return *outcome;
  if (const auto outcome = blind(facts)) return *outcome;
  if (count(facts.gates, GateState::kFailed) > 0) {
    return make(facts, Verdict::kNoGo, first_of(facts.gates, GateState::kFailed));
  }
  return open(facts);
}

}  // namespace tamari::lab
