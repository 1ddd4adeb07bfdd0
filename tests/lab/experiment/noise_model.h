// What a shared machine does to the samples of a sweep, without a machine: heavy tails, samples
// slowed by a neighbour, drift, and steps that hit wherever they like, also within a block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "lab/experiment/plan.h"
#include "lab/experiment/sample_record.h"

namespace tamari::lab {

// All as log-ratios of the time of one sample, but for the shares.
struct NoiseModel {
  const char* name = "";
  double spread = 0.02;      // standard deviation from sample to sample
  bool heavy_tails = false;  // Student's t with 3 degrees of freedom; else normal
  double slowed_share = 0;
  double slowed_least = 0.10;  // slowed samples take this much longer, as a fraction
  double slowed_most = 0.50;
  double drift = 0;  // standard deviation, at the end of a sweep, of a random walk through it
  double steps_per_sample = 0;
  double step = 0.10;  // up, down, up, ...
};

// The machine of the claims.
inline constexpr NoiseModel kSharedMachine = {.name = "shared machine",
                                              .spread = 0.02,
                                              .heavy_tails = true,
                                              .slowed_share = 0.05,
                                              .drift = 0.05,
                                              .steps_per_sample = 0.01};

// One ill at a time, each worse than on the machine above.
inline constexpr NoiseModel kIlls[] = {
    {.name = "normal noise"},
    {.name = "t3 tails", .heavy_tails = true},
    {.name = "10 % of samples +30 %", .slowed_share = 0.1, .slowed_least = 0.3, .slowed_most = 0.3},
    {.name = "drift of 20 %", .drift = 0.2},
    {.name = "steps in a fifth of blocks", .steps_per_sample = 0.06},
};

// How much longer one sample after another takes, as a log-ratio.
class NoisyMachine {
 public:
  // `samples`: how many a sweep has, over which it drifts.
  NoisyMachine(const NoiseModel& model, std::size_t samples, std::uint64_t seed);
  double next();

 private:
  double uniform();
  double normal();
  double student3();

  NoiseModel model_;
  double drift_per_sample_;
  double level_ = 0;
  bool stepped_ = false;
  std::mt19937_64 random_;
};

// Effects of blocks of base, variant, variant, base with equal arms.
std::vector<double> equal_blocks(NoisyMachine& machine, std::size_t blocks);

inline constexpr char kGainer[] = "variant1";

// Three lanes, a base, six equal variants and the A/A arm; the gates of a screen and a replay.
Plan sweep_plan(std::size_t screen_blocks, std::size_t replay_blocks);
std::size_t samples_of(const Plan& plan);

// Takes every sample of a stage, in the order of a real run; `gain` is what kGainer truly
// gains on the lane `main`, as a log-ratio.
void take_stage(const Plan& plan, std::size_t stage, const std::vector<std::string>& variants,
                double gain, NoisyMachine& machine, std::vector<SampleRecord>& records);

}  // namespace tamari::lab
