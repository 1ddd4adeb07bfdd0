// See latency.h.
#include "bench/suite/latency.h"

#include <algorithm>
#include <ctime>

#include "bench/mapped.h"

#ifdef __x86_64__
#include <x86intrin.h>
#endif

namespace tamari::bench {
namespace {

constexpr std::size_t kShards = 64;  // threads seldom share one
constexpr int kOverheadReadings = 10'000;

std::uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

struct Shard {
  Histogram kinds[2];
};

struct Recording {
  std::atomic<Shard*> shards{nullptr};  // null: not recording
  Shard* all = nullptr;
  std::uint64_t ticks_at_start = 0;
  std::uint64_t ns_at_start = 0;
  double ns_per_tick = 1;
};

Recording g_recording;

// An address in the thread's own control block tells threads apart.
std::size_t shard_of_thread() {
  const auto self = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
  return (self * 0x9e3779b97f4a7c15ULL) >> 58;
}

}  // namespace

std::size_t Histogram::bucket_of(std::uint64_t value) {
  if (value < kFine) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - kFineBits - 1;
  return (shift + 1) * kFine + (value >> shift) - kFine;
}

std::uint64_t Histogram::upper_end(std::size_t bucket) {
  if (bucket < kFine) return bucket;
  const std::size_t shift = bucket / kFine - 1;
  const std::uint64_t first = (kFine + bucket % kFine) << shift;
  return first + ((std::uint64_t{1} << shift) - 1);
}

void Histogram::add(std::uint64_t value) {
  counts_[bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
  std::uint64_t seen = max_.load(std::memory_order_relaxed);
  while (value > seen && !max_.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

void Histogram::merge_into(Histogram& other) const {
  for (std::size_t i = 0; i < kBuckets; ++i) {
    other.counts_[i].fetch_add(counts_[i].load(std::memory_order_relaxed),
                               std::memory_order_relaxed);
  }
  other.max_.store(std::max(other.max(), max()), std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t sum = 0;
  for (const auto& bucket : counts_) sum += bucket.load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t Histogram::percentile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count()));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i].load(std::memory_order_relaxed);
    if (seen > 0 && seen >= wanted) return std::min(upper_end(i), max());
  }
  return max();
}

std::uint64_t clock_ticks() {
#ifdef __x86_64__
  unsigned processor;
  return __rdtscp(&processor);  // waits for the call before it to be done
#else
  return now_ns();
#endif
}

void record_latency(CallKind kind, std::uint64_t ticks) {
  Shard* shards = g_recording.shards.load(std::memory_order_acquire);
  if (shards == nullptr) return;
  shards[shard_of_thread()].kinds[static_cast<int>(kind)].add(ticks);
}

void start_latency() {
  static MappedArray<Shard> shards(kShards);
  g_recording.all = shards.data();
  g_recording.ticks_at_start = clock_ticks();
  g_recording.ns_at_start = now_ns();
  g_recording.shards.store(shards.data(), std::memory_order_release);
}

void stop_latency() {
  g_recording.shards.store(nullptr, std::memory_order_release);
  const std::uint64_t ticks = clock_ticks() - g_recording.ticks_at_start;
  g_recording.ns_per_tick =
      static_cast<double>(now_ns() - g_recording.ns_at_start) / static_cast<double>(ticks);
}

LatencyFigures latency_figures(CallKind kind) {
  MappedArray<Histogram> sum(1);
  Histogram& all = sum[0];
  for (std::size_t i = 0; i < kShards; ++i) {
    g_recording.all[i].kinds[static_cast<int>(kind)].merge_into(all);
  }
  const auto ns = [](std::uint64_t ticks) {
    return static_cast<double>(ticks) * g_recording.ns_per_tick;
  };
  LatencyFigures figures{all.count(),
                         ns(all.percentile(0.5)),
                         ns(all.percentile(0.99)),
                         ns(all.percentile(0.999)),
                         ns(all.percentile(0.9999)),
                         ns(all.max()),
                         {}};
  all.for_each_bucket([&](std::uint64_t ticks, std::uint64_t calls) {
    figures.doublings[static_cast<std::size_t>(std::bit_width(std::uint64_t(ns(ticks))))] += calls;
  });
  return figures;
}

double clock_overhead_ns() {
  std::uint64_t least = ~std::uint64_t{0};
  for (int i = 0; i < kOverheadReadings; ++i) {
    const std::uint64_t before = clock_ticks();
    least = std::min(least, clock_ticks() - before);
  }
  return static_cast<double>(least) * g_recording.ns_per_tick;
}

}  // namespace tamari::bench
