// The table of dimensions.
#include "bench/growth/dimension.h"

#include <cstring>

namespace tamari::bench {
namespace {

constexpr Dimension kDimensions[] = {
    {"heap", "MiB that one thread keeps live, in small and medium blocks", 1, 1 << 20, live_heap},
    {"threads", "threads alive: one works, the others sleep and hold a block each", 1, 4096,
     living_threads},
    {"short_threads", "threads that came and went before those that are measured", 1, 10'000'000,
     short_threads},
    {"classes", "sizes in use of 96 from 16 bytes to 256 KiB; live bytes and blocks stay", 1,
     kLadderSteps, size_classes},
};

}  // namespace

std::span<const Dimension> dimensions() { return kDimensions; }

const Dimension* find_dimension(const char* name) {
  for (const Dimension& dimension : kDimensions) {
    if (std::strcmp(dimension.name, name) == 0) return &dimension;
  }
  return nullptr;
}

}  // namespace tamari::bench
