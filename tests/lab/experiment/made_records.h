// Records as a runner would write them, from a model instead of from programs.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "lab/experiment/judgement.h"
#include "lab/experiment/runner.h"

namespace tamari::lab {

// A base, a copy, and a variant for each name; lanes; one stage without gates.
inline Plan made_plan(const std::vector<std::string>& variants,
                      const std::vector<std::string>& lanes, std::size_t runs,
                      Order order = Order::kLatin) {
  Plan plan;
  plan.name = "made";
  plan.order = order;
  plan.arms.push_back({"base", "", {}, false});
  for (const std::string& name : variants) plan.arms.push_back({name, "", {"knob=" + name}, false});
  plan.arms.push_back({kAgainName, "", {}, true});
  for (const std::string& lane : lanes) {
    plan.workloads.push_back({lane, find_lane("main"), {}, ""});
  }
  plan.stages = {{"screen", runs, {}, {}, false, false}};
  return plan;
}

class MadeRecords {
 public:
  using Model = std::function<void(SampleRecord&, MadeRecords&)>;

  // `model` fills in what comes out of each sample.
  MadeRecords(const Plan& plan, Model model, std::uint64_t seed = 1)
      : plan_(plan), model_(std::move(model)), random_(seed) {}

  // Blocks [from, to) of a stage on every workload, with these variants.
  void take(std::size_t stage, std::size_t from, std::size_t to,
            const std::vector<std::string>& variants, const std::string& machine = "m") {
    for (std::size_t block = from; block < to; ++block) {
      for (std::size_t workload = 0; workload < plan_.workloads.size(); ++workload) {
        for (const Slot& slot : block_slots(plan_, stage, workload, block, variants)) {
          SampleRecord record;
          record.machine = machine;
          record.stage = plan_.stages[stage].name;
          record.workload = plan_.workloads[workload].name;
          record.block = block;
          record.group = slot.group;
          record.slot = slot.slot;
          record.index = records_.size();
          record.arm = plan_.arms[slot.arm].name;
          record.settings = plan_.arms[slot.arm].settings;
          record.exit_status = 0;
          model_(record, *this);
          records_.push_back(record);
        }
      }
    }
  }

  // The first stage in full.
  void take_all() {
    std::vector<std::string> names;
    for (const ArmSpec& arm : plan_.arms) names.push_back(arm.name);
    take(0, 0, plan_.stages[0].runs, names);
  }

  // About normal, without the library's own distribution, whose numbers no standard promises.
  double noise(double deviation) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return deviation * sum;
  }
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  std::vector<SampleRecord>& records() { return records_; }
  const Plan& plan() const { return plan_; }

 private:
  const Plan& plan_;
  Model model_;
  std::mt19937_64 random_;
  std::vector<SampleRecord> records_;
};

}  // namespace tamari::lab
