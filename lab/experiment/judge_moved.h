// Which counters does a variant move on a workload? Two questions, for two kinds of noise; see
// docs/method.md, "Liveness and blindness".
//   shift  the differences to the base are others than those of the base's copy
//   range  the variant is beyond all that the base and its copy have ever shown
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "lab/experiment/judge_index.h"

namespace tamari::lab {

// Below this many blocks of either, neither question can be answered.
inline constexpr std::size_t kLeastLivenessBlocks = 5;

bool have_counters(const Samples& samples);

// What one counter was in the samples of the base and of its copy.
struct Extent {
  double low = 0;
  double high = 0;
  std::size_t groups = 0;
};
using Reference = std::map<std::string, Extent>;

// From the stages up to `last`, from every group whose base or copy is good.
Reference reference_of(const RecordIndex& index, std::size_t last, std::size_t workload);

struct CounterChanges {
  std::size_t compared = 0;
  std::vector<std::string> moved;  // the clearest first
};

// `variant` and `again`: pairs with counters, at least kLeastLivenessBlocks of each. `workloads`:
// how many of them the error is shared by.
CounterChanges moved_counters(const std::vector<Pair>& variant, const std::vector<Pair>& again,
                              const Reference& reference, std::size_t workloads);

}  // namespace tamari::lab
