// What the kernel says about this process: memory from /proc/self/status, work from getrusage.
// Reads into stack buffers only, so that the allocator under test is not disturbed.
#pragma once

#include <cstdint>

namespace tamari::bench {

inline constexpr std::int64_t kUnknown = -1;

// KiB; kUnknown where /proc is not mounted.
struct Memory {
  std::int64_t rss_kib = kUnknown;
  std::int64_t peak_kib = kUnknown;
};

struct Usage {
  double user_s = 0;
  double sys_s = 0;
  std::int64_t minor_faults = 0;
  std::int64_t major_faults = 0;
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
};

Memory read_memory();
Usage read_usage();
Usage operator-(const Usage& later, const Usage& earlier);

}  // namespace tamari::bench
