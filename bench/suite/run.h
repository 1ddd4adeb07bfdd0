// One run of one workload: what was asked for, and what was measured.
//
// A workload is called with the clock running. One that has to prepare its input calls start() when
// that is done. finish() ends the timed phase; it returns when the settling time is over, so that
// whatever the workload still holds then - blocks, sleeping threads - is part of what settles.
#pragma once

#include <cstdint>

#include "bench/process_usage.h"

namespace tamari::bench {

class ResidentSampler;
struct Options;

struct Figures {
  std::uint64_t ops = 0;
  std::uint64_t checksum = 0;
  double seconds = 0;
  Usage usage;  // of the timed phase
  std::int64_t rss_start_kib = kUnknown;
  std::int64_t rss_peak_kib = kUnknown;
  std::int64_t rss_end_kib = kUnknown;  // when the timed phase ends
  std::int64_t rss_settled_kib = kUnknown;
  std::int64_t rss_100ms_kib = kUnknown;
  std::int64_t rss_1s_kib = kUnknown;
  std::int64_t rss_10s_kib = kUnknown;
  double rss_mib_seconds = 0;  // of the timed phase
  std::int64_t vmas = kUnknown;
};

class Run {
 public:
  Run(const Options& options, ResidentSampler& sampler);

  std::uint64_t seed() const;
  // An amount of work for scale 1, at the scale asked for.
  std::uint64_t scaled(std::uint64_t at_scale_one, std::uint64_t least = 1) const;
  // The threads asked for, or what the workload usually has.
  unsigned threads(unsigned usual) const;

  void start();
  void finish(std::uint64_t ops, std::uint64_t checksum);

  bool finished() const { return finished_; }
  const Figures& figures() const { return figures_; }

 private:
  const Options& options_;
  ResidentSampler& sampler_;
  Figures figures_;
  Usage usage_at_start_;
  double started_at_ = 0;
  double rss_integral_at_start_ = 0;
  bool finished_ = false;
};

}  // namespace tamari::bench
