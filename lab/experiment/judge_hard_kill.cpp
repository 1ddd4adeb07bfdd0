// The hard-kill counters: a rule fires when the median of a counter rises too far over the base's.
// A bare median says nothing after a block or two, so only complete stages are judged.
#include <algorithm>

#include "lab/experiment/judge_parts.h"

namespace tamari::lab {
namespace {

bool watches(const HardKill& rule, const Workload& workload) {
  return rule.workloads.empty() || std::find(rule.workloads.begin(), rule.workloads.end(),
                                             workload.name) != rule.workloads.end();
}

// The samples that stand beside each other; a sample without the counter adds nothing.
struct Counts {
  std::vector<double> base, arm;
  std::size_t pairs = 0;
};

void append_counts(const Samples& samples, const std::string& counter, std::vector<double>& list) {
  for (const SampleRecord* sample : samples) {
    const auto found = sample->counters.find(counter);
    if (found != sample->counters.end()) list.push_back(found->second);
  }
}

Counts gather(const RecordIndex& index, std::size_t stages, std::size_t workload, std::size_t arm,
              const std::string& counter) {
  Counts counts;
  for (std::size_t stage = 0; stage < stages; ++stage) {
    for (const Pair& pair : index.good_pairs(stage, workload, arm)) {
      append_counts(*pair.base, counter, counts.base);
      append_counts(*pair.arm, counter, counts.arm);
      ++counts.pairs;
    }
  }
  return counts;
}

// None if there is nothing to compare.
std::optional<HardKillResult> apply_rule(const RecordIndex& index, std::size_t complete,
                                         const HardKill& rule, std::size_t workload,
                                         std::size_t arm) {
  const Plan& plan = index.plan();
  // Another library's counters, if it has any, are not the base's.
  if (plan.arms[arm].library != plan.arms.front().library) return std::nullopt;
  if (!watches(rule, plan.workloads[workload])) return std::nullopt;
  const Counts counts =
      gather(index, std::max<std::size_t>(complete, 1), workload, arm, rule.counter);
  if (counts.pairs == 0) return std::nullopt;
  HardKillResult result{rule, plan.arms[arm].name, plan.workloads[workload].name,
                        median(counts.base), median(counts.arm)};
  result.judged = complete > 0;
  result.proved = result.median_base.value_or(0) > 0 && result.median_arm.has_value();
  result.killed =
      result.judged && result.proved && *result.median_arm > *result.median_base * (1 + rule.rise);
  return result;
}

}  // namespace

std::vector<HardKillResult> judge_hard_kills(const RecordIndex& index, std::size_t complete,
                                             const std::vector<Liveness>& liveness) {
  std::vector<HardKillResult> results;
  for (const HardKill& rule : index.plan().hard_kills) {
    for (const std::size_t arm : variants_of(index.plan())) {
      for (std::size_t workload = 0; workload < index.plan().workloads.size(); ++workload) {
        auto result = apply_rule(index, complete, rule, workload, arm);
        if (!result) continue;
        const Liveness* life = find_liveness(liveness, result->arm, result->workload);
        result->killed = result->killed && !life->blind();
        results.push_back(*result);
      }
    }
  }
  return results;
}

std::vector<HardKillResult> hard_kills_of_copy(const RecordIndex& index, std::size_t complete) {
  std::vector<HardKillResult> results;
  const auto again = again_of(index.plan());
  if (!again) return results;
  for (const HardKill& rule : index.plan().hard_kills) {
    for (std::size_t workload = 0; workload < index.plan().workloads.size(); ++workload) {
      if (auto result = apply_rule(index, complete, rule, workload, *again)) {
        results.push_back(*result);
      }
    }
  }
  return results;
}

}  // namespace tamari::lab
