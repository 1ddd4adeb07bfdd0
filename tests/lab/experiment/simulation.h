// What the simulations of this folder share: how often something happened, over many seeds, and
// whether that is what is claimed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "lab/experiment/statistics.h"

namespace tamari::lab {

inline constexpr std::size_t kScreen = 10;  // blocks of the two stages
inline constexpr std::size_t kReplay = 21;
inline constexpr double kConfidence = 0.95;
inline constexpr double kTrueGain = 0.03;
inline constexpr double kPowerLeast = 0.90;
// Each of the 18 gates of a screen, where Holm's correction is strictest.
inline constexpr double kStrictAlpha = (1 - kConfidence) / 18;

struct Sizes {
  std::size_t equal_sweeps;
  std::size_t replay_sweeps;
  std::size_t gain_sweeps;
  std::size_t estimates;  // of each kind of noise and number of blocks
};

struct Share {
  std::size_t hits = 0;
  std::size_t tries = 0;

  double value() const { return static_cast<double>(hits) / static_cast<double>(tries); }
  double error() const;  // standard
  std::string words() const;
  void count(bool hit) {
    hits += hit ? 1 : 0;
    ++tries;
  }
  Share& operator+=(const Share& other);
  // Beyond the limit only by what chance explains?
  bool at_least(double limit) const;
  bool at_most(double limit) const;
};

// How often intervals hold the truth, and the sums of their widths.
struct Coverage {
  Share exact;
  Share bootstrap;
  double exact_width = 0;
  double bootstrap_width = 0;

  void count(const Estimate& found, double truth);
  Coverage& operator+=(const Coverage& other);
};

// Prints the claim; all_claims_hold() is false for ever if one does not.
void claim(bool holds, const std::string& words);
void claim_coverage(const Coverage& coverage, const std::string& where);
void note(const std::string& words);
bool all_claims_hold();

// Runs `work(seed, tally)` for every seed from 1 to `count` on all processors. Each tally is a
// sum, so the result does not depend on which processor took which seed.
template <typename Tally>
Tally for_seeds(std::size_t count, const std::function<void(std::uint64_t, Tally&)>& work) {
  const std::size_t workers = std::max(1U, std::thread::hardware_concurrency());
  std::vector<Tally> tallies(workers);
  std::vector<std::thread> threads;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&, worker] {
      for (std::size_t seed = worker + 1; seed <= count; seed += workers) {
        work(seed, tallies[worker]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Tally sum;
  for (const Tally& tally : tallies) sum += tally;
  return sum;
}

// simulate_estimates.cpp: the statistics by themselves, under one ill of a machine at a time.
void simulate_estimates(const Sizes& sizes);
// simulate_sweeps.cpp: whole sweeps, through the judge.
void simulate_sweeps(const Sizes& sizes);

}  // namespace tamari::lab
