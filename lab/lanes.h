// The lanes: named argument lists of bench_random_mixed_mt_remote, one row each, and a few
// workloads of bench_suite for what that program does not do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tamari::lab {

inline constexpr unsigned kThreadsAsCpus = 0;

// `iterations` is the count on a machine with a CPU for every thread.
struct Lane {
  std::string name;
  unsigned threads = kThreadsAsCpus;
  std::uint64_t iterations = 0;  // of each thread
  std::uint64_t slots = 0;
  std::uint64_t min_size = 0;
  std::uint64_t max_size = 0;
  unsigned remote_percent = 0;
  std::uint64_t ring = 0;
  unsigned touch = 0;
  bool matched = false;
  std::string about;
  // A workload of bench_suite under its own name: then only the scale counts of all the numbers,
  // and the threads where they were asked for.
  std::string suite = {};
  double scale = 1;

  // Of the program that runs it.
  std::vector<std::string> arguments() const;
  const char* program() const;
};

const std::vector<Lane>& all_lanes();
const std::vector<std::string>& default_lane_names();

// An unknown name is a CommandError that names the nearest.
Lane find_lane(const std::string& name);

struct LaneOverrides {
  std::optional<unsigned> threads;
  std::optional<std::uint64_t> iterations;
  std::optional<unsigned> remote_percent;
  std::optional<std::uint64_t> ring;
  std::optional<unsigned> touch;
  bool matched = false;
  bool quick = false;
};

// Fills in the threads, applies the overrides, and, where no count was asked for, scales the
// iterations to the CPUs so that a sample lasts about as long as with a CPU for every thread. A
// workload of bench_suite takes threads only: any other override is a CommandError.
Lane effective_lane(Lane lane, const LaneOverrides& overrides, unsigned cpus);

}  // namespace tamari::lab
