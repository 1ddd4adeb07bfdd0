// See report.h.
#include "lab/experiment/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/command_error.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kMemory[] = "rss_peak_kib";
constexpr char kSpeedOfLane[] = "ops";
constexpr char kSpeedOfProgram[] = "wall_s";

bool applies(const Gate& gate, const Workload& workload) {
  return gate.workload.empty() || gate.workload == workload.name;
}

bool is_memory(const std::string& metric) { return metric.rfind("rss_", 0) == 0; }

std::string leading_metric(const Plan& plan, const Stage& stage, const Workload& workload) {
  if (workload.lane) return kSpeedOfLane;
  for (const Gate& gate : stage.gates) {
    if (applies(gate, workload) && !is_memory(gate.metric)) return gate.metric;
  }
  for (const MetricSpec& metric : plan.metrics) {
    if (!metric.regex.empty()) return metric.name;
  }
  return kSpeedOfProgram;
}

std::vector<std::string> shown_metrics(const Plan& plan, const View& view) {
  std::vector<std::string> metrics = {leading_metric(plan, *view.stage, *view.workload), kMemory};
  for (const Gate& gate : view.stage->gates) {
    const bool shown = std::find(metrics.begin(), metrics.end(), gate.metric) != metrics.end();
    if (!shown && applies(gate, *view.workload)) metrics.push_back(gate.metric);
  }
  return metrics;
}

std::vector<std::string> compared_arms(const Report& report, const View& view) {
  std::set<std::string> seen;
  for (const SampleRecord* record : records_of(report, view)) seen.insert(record->arm);
  std::vector<std::string> arms;
  for (const ArmSpec& arm : report.experiment.plan.arms) {
    if (arm.name != base_name(report.experiment.plan) && seen.count(arm.name) > 0) {
      arms.push_back(arm.name);
    }
  }
  return arms;
}

Tone tone_of_status(int status) {
  switch (status) {
    case kEveryGateHeld:
      return Tone::kGood;
    case kGateFailed:
    case kMeaningless:
      return Tone::kBad;
    default:
      return Tone::kUnsure;
  }
}

int status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGo:
      return kEveryGateHeld;
    case Verdict::kNoGo:
      return kGateFailed;
    case Verdict::kInconclusive:
      return kUndecided;
    case Verdict::kInvalid:
      return kMeaningless;
  }
  return kExperimentFailed;
}

// An interruption after the last sample has cost nothing.
bool cut_short(const Experiment& experiment, const Judgement& judgement) {
  return experiment.interrupted && !judgement.complete;
}

Conclusion conclusion(const Experiment& experiment, const Judgement& judgement, Verdict verdict,
                      const std::string& why) {
  const int status = status_of(verdict);
  return {tone_of_status(status), name_of(verdict), why,
          cut_short(experiment, judgement) ? int{kInterrupted} : status};
}

// Of every arm: one that fails outweighs one that says nothing, and that one a doubt.
Verdict worst(const Judgement& judgement) {
  const auto any = [&](Verdict verdict) {
    return std::any_of(judgement.variants.begin(), judgement.variants.end(),
                       [&](const VariantVerdict& variant) { return variant.verdict == verdict; });
  };
  for (const Verdict verdict : {Verdict::kNoGo, Verdict::kInvalid, Verdict::kInconclusive}) {
    if (any(verdict)) return verdict;
  }
  return Verdict::kGo;
}

// "rejected: je; every gate held: wide, deep".
std::string roll_call(const Judgement& judgement) {
  constexpr struct {
    Verdict verdict;
    const char* words;
  } kGroups[] = {{Verdict::kNoGo, "rejected"},
                 {Verdict::kInvalid, "invalid"},
                 {Verdict::kInconclusive, "undecided"},
                 {Verdict::kGo, "every gate held"}};
  std::vector<std::string> groups;
  for (const auto& group : kGroups) {
    std::vector<std::string> names;
    for (const VariantVerdict& variant : judgement.variants) {
      if (variant.verdict == group.verdict) names.push_back(variant.arm);
    }
    if (!names.empty()) groups.push_back(fmt::format("{}: {}", group.words, join(names, ", ")));
  }
  return join(groups, "; ");
}

Conclusion measured(const Experiment& experiment, const Judgement& judgement) {
  return {Tone::kPlain, "MEASURED", "no gate was given, so the figures describe and decide nothing",
          cut_short(experiment, judgement) ? int{kInterrupted} : int{kEveryGateHeld}};
}

}  // namespace

Conclusion conclude_arms(const Experiment& experiment, const Judgement& judgement) {
  if (judgement.verdict == Verdict::kInvalid) {
    return conclusion(experiment, judgement, Verdict::kInvalid, judgement.why);
  }
  const Verdict verdict = worst(judgement);
  const bool open = verdict == Verdict::kGo || verdict == Verdict::kInconclusive;
  if (open && !has_gates(experiment.plan)) return measured(experiment, judgement);
  const bool alone = judgement.variants.size() == 1;
  return conclusion(experiment, judgement, verdict,
                    alone ? judgement.variants.front().why : roll_call(judgement));
}

Conclusion conclude_line(const Experiment& experiment, const Judgement& judgement) {
  return conclusion(experiment, judgement, judgement.verdict, judgement.why);
}

std::vector<View> views(const Report& report) {
  std::vector<View> found;
  const Plan& plan = report.experiment.plan;
  for (const Stage& stage : plan.stages) {
    for (const Workload& workload : plan.workloads) {
      View view{&stage, &workload, {}, {}};
      view.arms = compared_arms(report, view);
      view.metrics = shown_metrics(plan, view);
      if (!view.arms.empty()) found.push_back(view);
    }
  }
  return found;
}

bool has_gates(const Plan& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(),
                     [](const Stage& stage) { return !stage.gates.empty(); });
}

const std::string& base_name(const Plan& plan) { return plan.arms.front().name; }

bool is_again(const Plan& plan, const std::string& arm) {
  return std::any_of(plan.arms.begin(), plan.arms.end(),
                     [&](const ArmSpec& spec) { return spec.again && spec.name == arm; });
}

const Effect* find_effect(const Report& report, const View& view, const std::string& metric,
                          const std::string& arm) {
  for (const Effect& effect : report.judgement.effects) {
    if (effect.stage == view.stage->name && effect.workload == view.workload->name &&
        effect.metric == metric && effect.arm == arm) {
      return &effect;
    }
  }
  return nullptr;
}

std::optional<double> resolution_of(const Report& report, const View& view,
                                    const std::string& metric) {
  for (const std::string& arm : view.arms) {
    if (!is_again(report.experiment.plan, arm)) continue;
    const Effect* effect = find_effect(report, view, metric, arm);
    if (effect == nullptr || !effect->estimate || !effect->estimate->bounded()) return std::nullopt;
    const Interval& interval = effect->estimate->interval;
    return (interval.high - interval.low) / 2;
  }
  return std::nullopt;
}

std::vector<const GateResult*> gates_of(const Report& report, const View& view) {
  std::vector<const GateResult*> found;
  for (const GateResult& gate : report.judgement.gates) {
    if (gate.stage == view.stage->name && gate.workload == view.workload->name) {
      found.push_back(&gate);
    }
  }
  return found;
}

const Gate* planned_gate(const View& view, const std::string& metric) {
  for (const Gate& gate : view.stage->gates) {
    if (gate.metric == metric && applies(gate, *view.workload)) return &gate;
  }
  return nullptr;
}

const GateResult* gate_result(const Report& report, const View& view, const std::string& metric,
                              const std::string& arm) {
  for (const GateResult* gate : gates_of(report, view)) {
    if (gate->gate.metric == metric && gate->arm == arm) return gate;
  }
  return nullptr;
}

std::vector<const SampleRecord*> records_of(const Report& report, const View& view) {
  std::vector<const SampleRecord*> found;
  for (const SampleRecord& record : report.experiment.records) {
    if (record.stage == view.stage->name && record.workload == view.workload->name) {
      found.push_back(&record);
    }
  }
  std::sort(found.begin(), found.end(), [](const SampleRecord* a, const SampleRecord* b) {
    return std::tie(a->machine, a->index) < std::tie(b->machine, b->index);
  });
  return found;
}

std::vector<const SampleRecord*> failed_records(const Report& report) {
  std::vector<const SampleRecord*> failed;
  for (const SampleRecord& record : report.experiment.records) {
    if (!record.good()) failed.push_back(&record);
  }
  return failed;
}

}  // namespace tamari::lab
