// See judgement.h. The parts are in judge_*.cpp; here they are put together.
#include "lab/experiment/judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/experiment/judge_parts.h"
#include "lab/experiment/judge_words.h"
#include "lab/experiment/metrics.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// Of those that have a direction: what else a sample holds is no result.
std::set<std::string> metrics_seen(const RecordIndex& index, std::size_t stage,
                                   std::size_t workload) {
  const Plan& plan = index.plan();
  std::set<std::string> metrics;
  for (const SampleGroup& group : index.groups(stage, workload)) {
    for (const Samples& samples : group.arms) {
      for (const SampleRecord* sample : samples) {
        for (const auto& entry : sample->metrics) metrics.insert(entry.first);
      }
    }
  }
  std::erase_if(metrics, [&](const std::string& name) {
    const bool own = std::any_of(plan.metrics.begin(), plan.metrics.end(),
                                 [&](const MetricSpec& metric) { return metric.name == name; });
    return !own && find_builtin_metric(name) == nullptr;
  });
  return metrics;
}

Effect make_effect(Estimates& estimates, const Estimates::Place& place) {
  const Plan& plan = estimates.index().plan();
  const Comparisons& comparisons = estimates.comparisons(place);
  Effect effect;
  effect.stage = plan.stages[place.stage].name;
  effect.workload = plan.workloads[place.workload].name;
  effect.metric = place.metric;
  effect.arm = plan.arms[place.arm].name;
  effect.estimate = estimates.estimate(place, 1 - kAlpha);
  effect.median_base = median(comparisons.base);
  effect.median_arm = median(comparisons.arm);
  effect.machines = heterogeneity(comparisons.blocks.effects, comparisons.blocks.strata);
  effect.blocks = comparisons.blocks.effects;
  return effect;
}

std::vector<Effect> all_effects(Estimates& estimates) {
  const RecordIndex& index = estimates.index();
  std::vector<Effect> effects;
  for (std::size_t stage = 0; stage < index.plan().stages.size(); ++stage) {
    for (std::size_t workload = 0; workload < index.plan().workloads.size(); ++workload) {
      const auto metrics = metrics_seen(index, stage, workload);
      for (std::size_t arm = 1; arm < index.plan().arms.size(); ++arm) {
        if (index.pairs(stage, workload, arm).empty()) continue;
        for (const std::string& metric : metrics) {
          effects.push_back(make_effect(estimates, {stage, workload, arm, metric}));
        }
      }
    }
  }
  return effects;
}

bool has_gates(const Plan& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(),
                     [](const Stage& stage) { return !stage.gates.empty(); });
}

std::size_t failures_of(const RecordIndex& index, std::size_t arm) {
  std::size_t failures = failures_in(index.warm_ups(arm));
  for (std::size_t stage = 0; stage < index.plan().stages.size(); ++stage) {
    for (std::size_t workload = 0; workload < index.plan().workloads.size(); ++workload) {
      for (const SampleGroup& group : index.groups(stage, workload)) {
        failures += failures_in(group.arms[arm]);
      }
    }
  }
  return failures;
}

// The first stage that is not a GO decides; a variant is a GO if all of them are.
VariantVerdict judge_variant(const RecordIndex& index, std::size_t arm,
                             const std::vector<StageJudgement>& stages) {
  VariantVerdict variant;
  variant.arm = index.plan().arms[arm].name;
  variant.failed_samples = failures_of(index, arm);
  const StageOutcome* decisive = nullptr;
  for (const StageJudgement& stage : stages) {
    const auto outcome = stage.outcomes.find(arm);
    if (outcome == stage.outcomes.end()) continue;
    variant.stages.push_back(outcome->second);
    if (decisive == nullptr || decisive->verdict == Verdict::kGo) decisive = &outcome->second;
  }
  const bool in_last = !stages.empty() && stages.back().outcomes.count(arm) > 0;
  if (decisive == nullptr) return variant;
  variant.verdict = decisive->verdict;
  variant.why = decisive->why;
  if (variant.verdict != Verdict::kGo) {
    if (stages.size() > 1) variant.why = fmt::format("{}: {}", decisive->stage, decisive->why);
  } else if (!in_last) {
    variant.verdict = Verdict::kInconclusive;
    variant.why = fmt::format("the stage '{}' has not been run", index.plan().stages.back().name);
  } else if (!has_gates(index.plan())) {
    variant.verdict = Verdict::kInconclusive;
    variant.why = "no gate was given: it was measured, not judged";
  }
  return variant;
}

std::vector<const VariantVerdict*> with_verdict(const Judgement& judgement, Verdict verdict) {
  std::vector<const VariantVerdict*> variants;
  for (const VariantVerdict& variant : judgement.variants) {
    if (variant.verdict == verdict) variants.push_back(&variant);
  }
  return variants;
}

std::string with_reason(const VariantVerdict& variant) {
  return fmt::format("{}: {}", variant.arm, variant.why);
}

// "5 rejected (wide: ...), 1 invalid (dead: ...)", of those that did not pass.
std::string losers(const Judgement& judgement) {
  constexpr struct {
    Verdict verdict;
    const char* word;
  } kKinds[] = {{Verdict::kInconclusive, "undecided"},
                {Verdict::kNoGo, "rejected"},
                {Verdict::kInvalid, "invalid"}};
  std::vector<std::string> parts;
  for (const auto& kind : kKinds) {
    const auto variants = with_verdict(judgement, kind.verdict);
    if (variants.empty()) continue;
    const char* example = variants.size() > 1 ? "such as " : "";
    parts.push_back(fmt::format("{} {} ({}{})", variants.size(), kind.word, example,
                                with_reason(*variants.front())));
  }
  return join(parts, ", ");
}

void judge_line(Judgement& judgement) {
  const std::size_t all = judgement.variants.size();
  const auto winners = with_verdict(judgement, Verdict::kGo);
  if (!winners.empty()) {
    std::vector<std::string> reasons;
    for (const VariantVerdict* winner : winners) reasons.push_back(with_reason(*winner));
    judgement.verdict = Verdict::kGo;
    judgement.why = fmt::format("{} of {} passed; {}", winners.size(), counted(all, "variant"),
                                join(reasons, "; "));
    return;
  }
  const bool open = !with_verdict(judgement, Verdict::kInconclusive).empty();
  if (with_verdict(judgement, Verdict::kInvalid).size() == all) {
    judgement.verdict = Verdict::kInvalid;
  } else {
    judgement.verdict = open || !judgement.complete ? Verdict::kInconclusive : Verdict::kNoGo;
  }
  judgement.why = fmt::format("{}none of {} passed: {}",
                              judgement.complete ? "" : "the experiment is not complete; ",
                              counted(all, "variant"), losers(judgement));
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGo:
      return "GO";
    case Verdict::kNoGo:
      return "NO-GO";
    case Verdict::kInconclusive:
      return "INCONCLUSIVE";
    case Verdict::kInvalid:
      return "INVALID";
  }
  return "?";
}

const char* name_of(GateState state) {
  switch (state) {
    case GateState::kHeld:
      return "held";
    case GateState::kFailed:
      return "failed";
    case GateState::kUndecided:
      return "undecided";
    case GateState::kBlind:
      return "blind";
    case GateState::kUnmeasured:
      return "unmeasured";
  }
  return "?";
}

Judgement judge(const Plan& plan, const std::vector<SampleRecord>& records) {
  const RecordIndex index(plan, records);
  Estimates estimates(index);
  const auto stages = judge_stages(estimates, plan.stages.size());
  Judgement judgement;
  judgement.complete = !stages.empty() && stages.back().complete;
  judgement.effects = all_effects(estimates);
  judgement.cautions = judge_cautions(estimates, stages);
  for (const std::size_t arm : variants_of(plan)) {
    judgement.variants.push_back(judge_variant(index, arm, stages));
  }
  for (const StageJudgement& stage : stages) {
    judgement.gates.insert(judgement.gates.end(), stage.gates.begin(), stage.gates.end());
  }
  if (!stages.empty()) {
    judgement.liveness = stages.back().liveness;
    judgement.hard_kills = stages.back().hard_kills;
  }
  judge_line(judgement);
  return judgement;
}

std::vector<std::string> arms_for_stage(const Plan& plan, std::size_t stage,
                                        const std::vector<SampleRecord>& records) {
  const RecordIndex index(plan, records);
  Estimates estimates(index);
  std::vector<std::string> names;
  for (const std::size_t arm : arms_after(plan, judge_stages(estimates, stage))) {
    names.push_back(plan.arms[arm].name);
  }
  return names;
}

BlockEffects block_effects(const Plan& plan, const std::vector<SampleRecord>& records,
                           const std::string& stage, const std::string& workload,
                           const std::string& arm, const std::string& metric) {
  const RecordIndex index(plan, records);
  const auto place = index.find(stage, workload, arm);
  if (!place) return {};
  return compare_metric(index.good_pairs(place->stage, place->workload, place->arm), metric).blocks;
}

}  // namespace tamari::lab
