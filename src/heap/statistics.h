// statistics.h - what the allocator has done and holds, as one snapshot in several forms.
// A snapshot is taken without stopping anybody: each number is true for some moment near the call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "config/counters.h"
#include "platform/text.h"

namespace tamari {

struct Snapshot {
  std::array<uint64_t, kCounterCount> counters;  // summed over all owners
  std::array<uint64_t, kGaugeCount> gauges;

  uint64_t operator[](Counter name) const { return counters[static_cast<size_t>(name)]; }
  uint64_t operator[](Gauge name) const { return gauges[static_cast<size_t>(name)]; }
};

Snapshot take_snapshot();

// Bytes in live blocks, counted by block size: in use minus everything known to be free inside
// spans.
uint64_t live_bytes(const Snapshot& snapshot);

void print_json(Text& out);
void print_text(Text& out);
void print_tunables();  // to standard output
void print_banner();    // to standard error

// What `stats_at_exit` asks for, once.
void report_at_exit();

inline constexpr int kStatisticsSchema = 1;
inline constexpr char kVersion[] = "0.1.0";

}  // namespace tamari
