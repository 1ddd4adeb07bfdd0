// See stopping.h.
#include "lab/experiment/stopping.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "lab/experiment/judge_words.h"
#include "lab/experiment/judgement.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

std::vector<std::string> workloads_of(const Plan& plan, const Gate& gate) {
  if (!gate.workload.empty()) return {gate.workload};
  std::vector<std::string> names;
  for (const Workload& workload : plan.workloads) names.push_back(workload.name);
  return names;
}

std::optional<Estimate> estimate_of(const Plan& plan, const std::vector<SampleRecord>& records,
                                    const Stage& stage, const std::string& workload,
                                    const std::string& arm, const std::string& metric) {
  const BlockEffects effects = block_effects(plan, records, stage.name, workload, arm, metric);
  return estimate(effects.effects, effects.strata);
}

}  // namespace

bool stops_before(const Plan& plan, const Stage& stage, const std::vector<std::string>& variants,
                  const std::vector<SampleRecord>& records, std::size_t block) {
  if (block < stage.automatic->least) return false;
  std::vector<SampleRecord> earlier;
  std::copy_if(
      records.begin(), records.end(), std::back_inserter(earlier),
      [&](const auto& record) { return record.stage == stage.name && record.block < block; });
  for (const Gate& gate : stage.gates) {
    for (const std::string& workload : workloads_of(plan, gate)) {
      for (const std::string& arm : variants) {
        const auto found = estimate_of(plan, earlier, stage, workload, arm, gate.metric);
        if (!found) continue;
        const double half_width = (found->interval.high - found->interval.low) / 2;
        if (half_width > stage.automatic->half_width) return false;
      }
    }
  }
  return true;
}

std::string short_standing(const Plan& plan, const Stage& stage,
                           const std::vector<std::string>& variants,
                           const std::vector<SampleRecord>& records) {
  if (stage.gates.empty()) return {};
  const Gate& gate = stage.gates.front();
  const std::string workload = workloads_of(plan, gate).front();
  std::vector<std::string> parts;
  for (const std::string& arm : variants) {
    const auto found = estimate_of(plan, records, stage, workload, arm, gate.metric);
    if (!found) continue;
    parts.push_back(fmt::format(
        "{} {}", arm, found->bounded() ? estimate_words(*found) : change_words(found->effect)));
  }
  return parts.empty() ? "" : fmt::format("{}: {}", gate.metric, join(parts, ", "));
}

}  // namespace tamari::lab
