// See schedule.h and runner.h.
#include "lab/experiment/schedule.h"

#include <algorithm>
#include <random>

#include "lab/random_order.h"

namespace tamari::lab {
namespace {

std::mt19937_64 generator(const Plan& plan, std::size_t stage, std::size_t workload,
                          std::size_t number) {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  std::seed_seq seeds{low(plan.seed), low(plan.seed >> 32), low(stage), low(workload), low(number)};
  return std::mt19937_64(seeds);
}

// As many blocks as arms make a square: its rows are the rotations of one random order, themselves
// in random order, so that each arm stands once in each place.
std::vector<Slot> latin(const Plan& plan, std::size_t stage, std::size_t workload,
                        std::size_t block, const std::vector<std::size_t>& arms) {
  const std::size_t size = arms.size();
  auto random = generator(plan, stage, workload, block / size);
  const std::vector<std::size_t> order = random_order(size, random);
  const std::size_t rotation = random_order(size, random)[block % size];
  std::vector<Slot> slots;
  for (std::size_t place = 0; place < size; ++place) {
    slots.push_back({0, place, arms[order[(place + rotation) % size]]});
  }
  return slots;
}

// arms[0] is the base.
std::vector<Slot> abba(const Plan& plan, std::size_t stage, std::size_t workload, std::size_t block,
                       const std::vector<std::size_t>& arms) {
  auto random = generator(plan, stage, workload, block);
  std::vector<Slot> slots;
  std::size_t group = 0;
  for (const std::size_t index : random_order(arms.size() - 1, random)) {
    const std::size_t variant = arms[index + 1];
    std::size_t slot = 0;
    for (const std::size_t arm : {arms[0], variant, variant, arms[0]}) {
      slots.push_back({group, slot++, arm});
    }
    ++group;
  }
  return slots;
}

}  // namespace

std::vector<Slot> block_slots(const Plan& plan, std::size_t stage, std::size_t workload,
                              std::size_t block, const std::vector<std::string>& arms) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < plan.arms.size(); ++i) {
    const bool always = i == 0 || plan.arms[i].again;
    if (always || std::find(arms.begin(), arms.end(), plan.arms[i].name) != arms.end()) {
      indices.push_back(i);
    }
  }
  return plan.order == Order::kLatin ? latin(plan, stage, workload, block, indices)
                                     : abba(plan, stage, workload, block, indices);
}

void TakenSlots::add(const SampleRecord& record) {
  taken_[{record.stage, record.workload, record.block}][record.machine].insert(
      {record.group, record.slot, record.arm});
}

std::size_t samples_missing(const Plan& plan, const std::vector<SampleRecord>& records,
                            const Shard& shard) {
  TakenSlots taken;
  for (const SampleRecord& record : records) taken.add(record);
  std::vector<std::string> arms;
  for (const ArmSpec& arm : plan.arms) arms.push_back(arm.name);
  const std::string machine = records.empty() ? "" : records.back().machine;
  std::size_t missing = 0;
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    for (std::size_t block = 0; block < sharded_blocks(plan.stages[stage]); ++block) {
      for (std::size_t w = 0; shard.takes(block) && w < plan.workloads.size(); ++w) {
        const auto slots = block_slots(plan, stage, w, block, arms);
        missing += taken
                       .missing(plan, machine, plan.stages[stage].name, plan.workloads[w].name,
                                block, slots)
                       .size();
      }
    }
  }
  return missing;
}

std::vector<Slot> TakenSlots::missing(const Plan& plan, const std::string& machine,
                                      const std::string& stage, const std::string& workload,
                                      std::size_t block, const std::vector<Slot>& slots) const {
  std::vector<Slot> own = slots;
  const auto place = taken_.find({stage, workload, block});
  if (place == taken_.end()) return own;
  for (const auto& [name, samples] : place->second) {
    std::vector<Slot> left;
    for (const Slot& slot : slots) {
      if (samples.count({slot.group, slot.slot, plan.arms[slot.arm].name}) == 0) {
        left.push_back(slot);
      }
    }
    if (left.empty()) return {};
    if (name == machine) own = left;
  }
  return own;
}

}  // namespace tamari::lab
