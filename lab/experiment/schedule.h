// Where every sample of an experiment stands; block_slots is declared in runner.h.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "lab/experiment/runner.h"

namespace tamari::lab {

// Which samples have been taken. A block counts as taken only if one machine took all of it.
class TakenSlots {
 public:
  void add(const SampleRecord& record);

  // The slots that `machine` has still to take, in order: none of a block that any machine has
  // completed, and of its own unfinished block those after the interruption.
  std::vector<Slot> missing(const Plan& plan, const std::string& machine, const std::string& stage,
                            const std::string& workload, std::size_t block,
                            const std::vector<Slot>& slots) const;

 private:
  using Place = std::tuple<std::string, std::string, std::size_t>;   // stage, workload, block
  using Sample = std::tuple<std::size_t, std::size_t, std::string>;  // group, slot, arm
  std::map<Place, std::map<std::string, std::set<Sample>>> taken_;   // by machine
};

// How many samples of the shard's blocks no machine has taken as part of a whole block.
std::size_t samples_missing(const Plan& plan, const std::vector<SampleRecord>& records,
                            const Shard& shard);

}  // namespace tamari::lab
