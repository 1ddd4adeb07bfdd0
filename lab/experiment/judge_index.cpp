// See judge_index.h.
#include "lab/experiment/judge_index.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tamari::lab {
namespace {

// Index of the item of that name, or the size of the list.
template <typename Item>
std::size_t find_name(const std::vector<Item>& items, const std::string& name) {
  std::size_t i = 0;
  while (i < items.size() && items[i].name != name) ++i;
  return i;
}

bool before(const SampleGroup& a, const SampleGroup& b) {
  return std::tie(a.machine, a.block, a.group) < std::tie(b.machine, b.block, b.group);
}

bool all_good(const Samples& samples) {
  return std::all_of(samples.begin(), samples.end(),
                     [](const SampleRecord* sample) { return sample->good(); });
}

// Appends the metric of every sample; false if one does not have it.
bool append_values(const Samples& samples, const std::string& metric, std::vector<double>& values) {
  for (const SampleRecord* sample : samples) {
    const auto found = sample->metrics.find(metric);
    if (found == sample->metrics.end() || !std::isfinite(found->second)) return false;
    values.push_back(found->second);
  }
  return true;
}

// None if a value has no logarithm.
std::optional<double> mean_log(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    if (value <= 0) return std::nullopt;
    sum += std::log(value);
  }
  return sum / static_cast<double>(values.size());
}

void append_effect(const Pair& pair, double effect, BlockEffects& blocks) {
  if (blocks.machines.empty() || blocks.machines.back() != pair.group->machine) {
    blocks.machines.push_back(pair.group->machine);
  }
  blocks.effects.push_back(effect);
  blocks.strata.push_back(blocks.machines.size() - 1);
}

}  // namespace

bool Pair::good() const { return all_good(*base) && all_good(*arm); }

RecordIndex::RecordIndex(const Plan& plan, const std::vector<SampleRecord>& records)
    : plan_(plan),
      records_(records),
      warm_ups_(plan.arms.size()),
      groups_(plan.stages.size() * plan.workloads.size()) {
  for (const SampleRecord& record : records) add(record);
}

std::optional<RecordIndex::Place> RecordIndex::find(const std::string& stage,
                                                    const std::string& workload,
                                                    const std::string& arm) const {
  const Place place{find_name(plan_.stages, stage), find_name(plan_.workloads, workload),
                    find_name(plan_.arms, arm)};
  const bool known = place.stage < plan_.stages.size() && place.workload < plan_.workloads.size() &&
                     place.arm < plan_.arms.size();
  return known ? std::optional<Place>(place) : std::nullopt;
}

void RecordIndex::add(const SampleRecord& record) {
  const std::size_t arm = find_name(plan_.arms, record.arm);
  if (record.stage == kWarmUp && arm < plan_.arms.size()) {
    warm_ups_[arm].push_back(&record);
    return;
  }
  const auto known = find(record.stage, record.workload, record.arm);
  if (!known) {
    ++strangers_;
    return;
  }
  std::vector<SampleGroup>& groups =
      groups_[known->stage * plan_.workloads.size() + known->workload];
  SampleGroup wanted{record.machine, record.block, record.group, {}};
  auto place = std::lower_bound(groups.begin(), groups.end(), wanted, before);
  if (place == groups.end() || before(wanted, *place)) {
    wanted.arms.resize(plan_.arms.size());
    place = groups.insert(place, std::move(wanted));
  }
  place->arms[known->arm].push_back(&record);
}

const std::vector<SampleGroup>& RecordIndex::groups(std::size_t stage, std::size_t workload) const {
  return groups_[stage * plan_.workloads.size() + workload];
}

std::vector<Pair> RecordIndex::pairs(std::size_t stage, std::size_t workload,
                                     std::size_t arm) const {
  const std::size_t wanted = plan_.order == Order::kAbba ? 2 : 1;
  std::vector<Pair> pairs;
  for (const SampleGroup& group : groups(stage, workload)) {
    const Pair pair{&group, &group.arms.front(), &group.arms[arm]};
    if (pair.base->size() >= wanted && pair.arm->size() >= wanted) pairs.push_back(pair);
  }
  return pairs;
}

std::vector<Pair> RecordIndex::good_pairs(std::size_t stage, std::size_t workload,
                                          std::size_t arm) const {
  std::vector<Pair> all = pairs(stage, workload, arm);
  std::erase_if(all, [](const Pair& pair) { return !pair.good(); });
  return all;
}

Comparisons compare_metric(const std::vector<Pair>& pairs, const std::string& metric) {
  Comparisons result;
  std::vector<double> base;
  std::vector<double> arm;
  for (const Pair& pair : pairs) {
    base.clear();
    arm.clear();
    if (!append_values(*pair.base, metric, base) || !append_values(*pair.arm, metric, arm)) {
      ++result.unknown;
      continue;
    }
    result.base.insert(result.base.end(), base.begin(), base.end());
    result.arm.insert(result.arm.end(), arm.begin(), arm.end());
    const auto base_level = mean_log(base);
    const auto arm_level = mean_log(arm);
    if (base_level && arm_level) {
      append_effect(pair, *arm_level - *base_level, result.blocks);
    } else {
      ++result.unloggable;
    }
  }
  return result;
}

bool applies(const Gate& gate, const Workload& workload) {
  return gate.workload.empty() || gate.workload == workload.name;
}

std::vector<std::size_t> variants_of(const Plan& plan) {
  std::vector<std::size_t> variants;
  for (std::size_t i = 1; i < plan.arms.size(); ++i) {
    if (!plan.arms[i].again) variants.push_back(i);
  }
  return variants;
}

std::optional<std::size_t> again_of(const Plan& plan) {
  for (std::size_t i = 1; i < plan.arms.size(); ++i) {
    if (plan.arms[i].again) return i;
  }
  return std::nullopt;
}

}  // namespace tamari::lab
