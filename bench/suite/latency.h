// Latencies of single calls: log-linear histograms, 32 buckets for each doubling, so that a figure
// is within 3 % of the truth. They lie in mapped memory and take relaxed atomic additions, outside
// the interval that is timed.
//
// The clock is the time-stamp counter where there is one, clock_gettime otherwise. What reading it
// twice costs is measured, reported beside the percentiles, and not subtracted.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tamari::bench {

class Histogram {
 public:
  static constexpr unsigned kFineBits = 5;
  static constexpr std::size_t kFine = std::size_t{1} << kFineBits;
  static constexpr std::size_t kBuckets = (64 - kFineBits + 1) * kFine;

  void add(std::uint64_t value);
  void merge_into(Histogram& other) const;

  std::uint64_t count() const;
  std::uint64_t max() const { return max_.load(std::memory_order_relaxed); }
  // The value that `share` (0 to 1) of all values do not exceed, as its bucket's upper end.
  std::uint64_t percentile(double share) const;

  template <typename Visit>
  void for_each_bucket(Visit visit) const {
    for (std::size_t i = 0; i < kBuckets; ++i) {
      const std::uint64_t values = counts_[i].load(std::memory_order_relaxed);
      if (values > 0) visit(upper_end(i), values);
    }
  }

  // Bucket of a value, and the largest value of a bucket.
  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t upper_end(std::size_t bucket);

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> counts_{};
  std::atomic<std::uint64_t> max_{0};
};

// In nanoseconds.
struct LatencyFigures {
  std::uint64_t calls = 0;
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
  double p9999 = 0;
  double max = 0;
  // Calls that took less than 2^i ns and not less than half of it.
  std::array<std::uint64_t, 64> doublings{};
};

enum class CallKind { kAllocate, kRelease };

// True in the program whose allocator calls are timed (latency_calls.cpp is linked).
bool latency_recorded();

void start_latency();
void stop_latency();
LatencyFigures latency_figures(CallKind kind);
double clock_overhead_ns();

// For latency_calls.cpp.
std::uint64_t clock_ticks();
void record_latency(CallKind kind, std::uint64_t ticks);

}  // namespace tamari::bench
