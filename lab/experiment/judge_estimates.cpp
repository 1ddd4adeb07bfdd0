// See Estimates in judge_parts.h.
#include "lab/experiment/judge_parts.h"

namespace tamari::lab {

const Comparisons& Estimates::comparisons(const Place& place) {
  const auto found = comparisons_.find(place);
  if (found != comparisons_.end()) return found->second;
  const auto pairs = index_.good_pairs(place.stage, place.workload, place.arm);
  return comparisons_.emplace(place, compare_metric(pairs, place.metric)).first->second;
}

const std::optional<Estimate>& Estimates::estimate(const Place& place, double confidence) {
  const auto key = std::make_pair(place, confidence);
  const auto found = estimates_.find(key);
  if (found != estimates_.end()) return found->second;
  const BlockEffects& blocks = comparisons(place).blocks;
  return estimates_
      .emplace(key, lab::estimate(blocks.effects, blocks.strata, confidence, index_.plan().seed))
      .first->second;
}

}  // namespace tamari::lab
