// Did a variant's setting do anything on a workload? See judgement.h and docs/method.md.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lab/experiment/judge_moved.h"
#include "lab/experiment/judge_parts.h"

namespace tamari::lab {
namespace {

std::map<std::string, std::string> by_key(const std::vector<std::string>& settings) {
  std::map<std::string, std::string> values;
  for (const std::string& setting : settings) {
    const std::size_t equals = std::min(setting.find('='), setting.size());
    values[setting.substr(0, equals)] = setting.substr(equals);
  }
  return values;
}

std::vector<Pair> pairs_with_counters(const RecordIndex& index, std::size_t last,
                                      std::size_t workload, std::size_t arm) {
  std::vector<Pair> pairs;
  for (std::size_t stage = 0; stage <= last; ++stage) {
    for (const Pair& pair : index.good_pairs(stage, workload, arm)) {
      if (have_counters(*pair.base) && have_counters(*pair.arm)) pairs.push_back(pair);
    }
  }
  return pairs;
}

std::vector<double> counts(const std::vector<Pair>& pairs, const Samples* Pair::*side,
                           const std::string& counter) {
  std::vector<double> values;
  for (const Pair& pair : pairs) {
    for (const SampleRecord* sample : *(pair.*side)) values.push_back(sample->counters.at(counter));
  }
  return values;
}

// "drained_max went from 32 to 64"; of a counter that moved at its ends only, the ends.
std::string change_of(const std::vector<Pair>& pairs, const std::string& counter) {
  const std::vector<double> base = counts(pairs, &Pair::base, counter);
  const std::vector<double> arm = counts(pairs, &Pair::arm, counter);
  const std::string from = fmt::format("{:.6g}", *median(base));
  const std::string to = fmt::format("{:.6g}", *median(arm));
  if (from != to) return fmt::format("{} went from {} to {}", counter, from, to);
  const auto [base_low, base_high] = std::minmax_element(base.begin(), base.end());
  const auto [arm_low, arm_high] = std::minmax_element(arm.begin(), arm.end());
  return fmt::format("{} ran from {:.6g} to {:.6g}, the base's from {:.6g} to {:.6g}", counter,
                     *arm_low, *arm_high, *base_low, *base_high);
}

bool same_settings_in_force(const std::vector<Pair>& pairs) {
  return std::all_of(pairs.begin(), pairs.end(), [](const Pair& pair) {
    return pair.base->front()->effective == pair.arm->front()->effective;
  });
}

void say_alive(const std::vector<Pair>& pairs, Liveness& result) {
  result.why = change_of(pairs, result.counters.front());
  if (const std::size_t others = result.counters.size() - 1; others > 0) {
    result.why += fmt::format(", and {} other counter{} moved", others, others > 1 ? "s" : "");
  }
}

void compare_counters(const std::vector<Pair>& variant, const std::vector<Pair>& again,
                      const Reference& reference, std::size_t workloads, Liveness& result) {
  const CounterChanges changes = moved_counters(variant, again, reference, workloads);
  result.checked = true;
  result.counters = changes.moved;
  result.alive = !changes.moved.empty();
  if (result.alive) {
    say_alive(variant, result);
    return;
  }
  result.why = fmt::format(
      "none of {} counters differs from the base's by more than the base differs from itself ({} "
      "blocks){}",
      changes.compared, variant.size(),
      same_settings_in_force(variant) ? "; every setting in force is the base's" : "");
}

Liveness judge_one(const RecordIndex& index, std::size_t last, std::size_t workload,
                   std::size_t arm, const Reference& reference) {
  const Plan& plan = index.plan();
  const ArmSpec& base = plan.arms.front();
  const ArmSpec& variant = plan.arms[arm];
  Liveness result{variant.name, plan.workloads[workload].name, false, true, {}, ""};
  if (variant.library != base.library) {
    result.why = "another library than the base's: there are no counters to compare";
    return result;
  }
  if (by_key(variant.settings) == by_key(base.settings)) {
    result.why = "the same settings as the base";
    return result;
  }
  result.alive = false;
  const auto again = again_of(plan);
  const auto pairs = pairs_with_counters(index, last, workload, arm);
  const auto copies =
      again ? pairs_with_counters(index, last, workload, *again) : std::vector<Pair>();
  if (pairs.size() >= kLeastLivenessBlocks && copies.size() >= kLeastLivenessBlocks) {
    compare_counters(pairs, copies, reference, plan.workloads.size(), result);
  } else {
    result.why = fmt::format(
        "whether it acts is unknown: {} blocks with counters of base, copy "
        "and variant, and {} are needed",
        std::min(pairs.size(), copies.size()), kLeastLivenessBlocks);
  }
  return result;
}

}  // namespace

std::vector<Liveness> judge_liveness(const RecordIndex& index, std::size_t last) {
  std::vector<Reference> references;
  for (std::size_t workload = 0; workload < index.plan().workloads.size(); ++workload) {
    references.push_back(reference_of(index, last, workload));
  }
  std::vector<Liveness> liveness;
  for (const std::size_t arm : variants_of(index.plan())) {
    for (std::size_t workload = 0; workload < references.size(); ++workload) {
      liveness.push_back(judge_one(index, last, workload, arm, references[workload]));
    }
  }
  return liveness;
}

const Liveness* find_liveness(const std::vector<Liveness>& liveness, const std::string& arm,
                              const std::string& workload) {
  for (const Liveness& entry : liveness) {
    if (entry.arm == arm && entry.workload == workload) return &entry;
  }
  return nullptr;
}

}  // namespace tamari::lab
