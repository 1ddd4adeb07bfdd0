// The records of an experiment as they are compared: by stage and workload, in groups of samples
// that were taken together on one machine. Built once; everything else of the judge reads this.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lab/experiment/judgement.h"

namespace tamari::lab {

using Samples = std::vector<const SampleRecord*>;

// One group of one block. Under kLatin a block is one group of all arms; under kAbba it has a group
// for each variant and for the A/A arm: base, arm, arm, base.
struct SampleGroup {
  std::string machine;
  std::size_t block = 0;
  std::size_t group = 0;
  std::vector<Samples> arms;  // by the index in Plan::arms
};

// The base and one other arm in one group, all their samples there.
struct Pair {
  const SampleGroup* group = nullptr;
  const Samples* base = nullptr;
  const Samples* arm = nullptr;

  bool good() const;
};

class RecordIndex {
 public:
  // Both must outlive the index.
  RecordIndex(const Plan& plan, const std::vector<SampleRecord>& records);

  const Plan& plan() const { return plan_; }
  const std::vector<SampleRecord>& records() const { return records_; }

  // Sorted by machine, block, group.
  const std::vector<SampleGroup>& groups(std::size_t stage, std::size_t workload) const;

  // Of one arm other than the base: groups with every sample of both, failed ones included.
  std::vector<Pair> pairs(std::size_t stage, std::size_t workload, std::size_t arm) const;
  // Those whose samples are all good.
  std::vector<Pair> good_pairs(std::size_t stage, std::size_t workload, std::size_t arm) const;

  struct Place {
    std::size_t stage, workload, arm;
  };
  // None: the plan does not have one of the names.
  std::optional<Place> find(const std::string& stage, const std::string& workload,
                            const std::string& arm) const;

  // The first, unjudged samples of an arm.
  const Samples& warm_ups(std::size_t arm) const { return warm_ups_[arm]; }

  // Records of a stage, workload or arm that the plan does not have.
  std::size_t strangers() const { return strangers_; }

 private:
  void add(const SampleRecord& record);

  const Plan& plan_;
  const std::vector<SampleRecord>& records_;
  std::vector<Samples> warm_ups_;
  std::vector<std::vector<SampleGroup>> groups_;  // stage x workload
  std::size_t strangers_ = 0;
};

// How one figure of an arm stands to the base, block by block.
struct Comparisons {
  BlockEffects blocks;            // differences of mean logarithms
  std::vector<double> base, arm;  // the figures themselves, sample by sample
  std::size_t unknown = 0;        // blocks without the figure in some sample
  std::size_t unloggable = 0;     // blocks with a figure that is not above zero
};

Comparisons compare_metric(const std::vector<Pair>& pairs, const std::string& metric);

// Does the gate ask about this workload?
bool applies(const Gate& gate, const Workload& workload);
// The variants, by index: neither the base nor the A/A arm.
std::vector<std::size_t> variants_of(const Plan& plan);
std::optional<std::size_t> again_of(const Plan& plan);

}  // namespace tamari::lab
