// The integral of the resident set over time, taken every 10 ms by a child process: a thread would
// make every workload multi-threaded in the eyes of the C library and of the allocator.
#pragma once

#include <sys/types.h>

#include <atomic>

namespace tamari::bench {

class ResidentSampler {
 public:
  ResidentSampler();
  ~ResidentSampler();
  ResidentSampler(const ResidentSampler&) = delete;
  ResidentSampler& operator=(const ResidentSampler&) = delete;

  // MiB times seconds since the sampler was made.
  double mib_seconds() const { return integral_->load(std::memory_order_relaxed); }

 private:
  std::atomic<double>* integral_;  // shared with the child
  pid_t child_;
};

}  // namespace tamari::bench
