// Runs the samples of one lane: rounds in which every arm runs once, in a seeded random order, each
// in a fresh process.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "lab/lane_results.h"
#include "lab/lanes.h"
#include "lab/peers.h"

namespace tamari::lab {

struct SampleSettings {
  std::string bench;  // path of the benchmark program
  std::size_t runs = 0;
  std::uint64_t seed = 0;
  std::uint64_t settle_ms = 0;
  double timeout_s = 0;
};

// What is under way, on stderr: one rewritten line on a terminal, one line a round elsewhere.
class Progress {
 public:
  explicit Progress(std::size_t samples);
  void before(const std::string& lane, std::size_t round, std::size_t rounds,
              const std::string& arm);
  void after();
  void clear();

 private:
  std::string remaining() const;

  std::size_t total_;
  std::size_t done_ = 0;
  bool terminal_;
  std::size_t last_round_ = ~std::size_t{0};
  std::string last_lane_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Stops after the sample during which the user interrupts; that sample is not recorded.
LaneRun run_lane(const Lane& lane, const std::vector<Arm>& arms, const SampleSettings& settings,
                 Progress& progress);

}  // namespace tamari::lab
