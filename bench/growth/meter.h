// What one run has measured: the timed phase, and the walk over the same blocks without an
// allocator, which says how much of the figure is misses of the caches and of the TLB.
#pragma once

#include <cstdint>

#include "bench/process_usage.h"

namespace tamari::bench {

class Meter {
 public:
  void start();
  // `checksum` depends on the work alone.
  void finish(std::uint64_t ops, std::uint64_t checksum);

  // Around a walk; the figure is CPU time of the process for each step.
  void start_walk();
  void finish_walk(std::uint64_t steps);

  bool finished() const { return finished_; }
  std::uint64_t ops() const { return ops_; }
  std::uint64_t checksum() const { return checksum_; }
  double seconds() const { return seconds_; }
  const Usage& usage() const { return usage_; }  // of the timed phase
  const Memory& memory() const { return memory_; }
  double walk_ns() const { return walk_ns_; }  // negative: there was no walk

 private:
  Usage usage_;
  Memory memory_;
  double started_at_ = 0;
  double seconds_ = 0;
  double walk_ns_ = -1;
  std::uint64_t ops_ = 0;
  std::uint64_t checksum_ = 0;
  bool finished_ = false;
};

}  // namespace tamari::bench
