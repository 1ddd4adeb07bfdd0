// The command line of bench_random_mixed_mt_remote: one checked value per word.
#pragma once

#include <cstdint>

namespace tamari::bench {

enum class Touch : std::uint64_t { kNever = 0, kEnds = 1, kAll = 2 };

// Invariants after parse_arguments: threads, slots and ring are at least 1, 1 <= min_size <=
// max_size, remote_percent <= 100.
struct Arguments {
  std::uint64_t threads = 0;
  std::uint64_t iterations = 0;  // of each thread
  std::uint64_t slots = 0;       // of each thread
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 0;
  std::uint64_t remote_percent = 0;
  std::uint64_t ring = 0;
  std::uint64_t touch = 0;
  std::uint64_t matched = 0;
  std::uint64_t settle_ms = 0;

  Touch touch_mode() const { return static_cast<Touch>(touch); }
};

// Reads the command line. A wrong word is reported on stderr and ends the process with status 2;
// --help ends it with status 0.
Arguments parse_arguments(int argc, char** argv);

}  // namespace tamari::bench
