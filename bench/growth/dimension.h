// A dimension: what grows from one run to the next while the work that is measured stays. One row
// of the table, one function.
#pragma once

#include <cstdint>
#include <span>

namespace tamari::bench {

class Meter;

// How far it has grown, and how many turns are measured. A turn frees a block and allocates one.
struct Growth {
  std::uint64_t value = 0;
  std::uint64_t turns = 0;
};

struct Dimension {
  const char* name;
  const char* description;
  std::uint64_t low;  // of the value
  std::uint64_t high;
  void (*function)(const Growth&, Meter&);
};

std::span<const Dimension> dimensions();

// Null if there is none of that name.
const Dimension* find_dimension(const char* name);

// The functions behind the table, each in a file of its own.
void live_heap(const Growth& growth, Meter& meter);
void living_threads(const Growth& growth, Meter& meter);
void short_threads(const Growth& growth, Meter& meter);
void size_classes(const Growth& growth, Meter& meter);

inline constexpr std::uint64_t kLadderSteps = 96;

}  // namespace tamari::bench
