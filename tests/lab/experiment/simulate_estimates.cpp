// See simulation.h.
#include <fmt/format.h>

#include <cmath>

#include "noise_model.h"
#include "simulation.h"

namespace tamari::lab {
namespace {

void simulate_noise(const NoiseModel& model, std::size_t blocks, std::size_t count) {
  const auto coverage = for_seeds<Coverage>(count, [&](std::uint64_t seed, Coverage& tally) {
    NoisyMachine machine(model, 4 * blocks, seed);
    tally.count(*estimate(equal_blocks(machine, blocks), {}, kConfidence, seed), 0);
  });
  claim_coverage(coverage, fmt::format("{}, {} blocks", model.name, blocks));
}

// With ten blocks, at the confidence of the strictest gate: just within the reach of the test.
void simulate_strict_confidence(const Sizes& sizes) {
  const auto covered = for_seeds<Share>(sizes.estimates, [](std::uint64_t seed, Share& tally) {
    NoisyMachine machine(kSharedMachine, 4 * kScreen, seed);
    const auto found = estimate(equal_blocks(machine, kScreen), {}, 1 - kStrictAlpha, seed);
    tally.count(found->interval.low <= 0 && found->interval.high >= 0);
  });
  claim(covered.at_least(1 - kStrictAlpha),
        fmt::format("{:.2f} % intervals of {} blocks cover in {}", 100 * (1 - kStrictAlpha),
                    kScreen, covered.words()));
}

// Two quiet machines and a noisy one, without a difference between them.
void simulate_machines(const Sizes& sizes) {
  struct Machines {
    Coverage coverage;
    Share alarms;
    Machines& operator+=(const Machines& other) {
      coverage += other.coverage;
      alarms += other.alarms;
      return *this;
    }
  };
  const auto sum = for_seeds<Machines>(sizes.estimates, [](std::uint64_t seed, Machines& tally) {
    std::vector<double> effects;
    std::vector<std::size_t> strata;
    for (const std::size_t stratum : {0, 1, 2}) {
      NoiseModel model = kSharedMachine;
      if (stratum == 2) model.spread *= 3;
      NoisyMachine machine(model, 4 * kScreen, 3 * seed + stratum);
      for (const double effect : equal_blocks(machine, kScreen)) {
        effects.push_back(effect);
        strata.push_back(stratum);
      }
    }
    tally.coverage.count(*estimate(effects, strata, kConfidence, seed), 0);
    tally.alarms.count(heterogeneity(effects, strata)->p <= 1 - kConfidence);
  });
  claim_coverage(sum.coverage, fmt::format("three unequal machines of {} blocks", kScreen));
  note(fmt::format("equal machines said to disagree (p <= 5 %) in {}", sum.alarms.words()));
}

// The hardest way to know the noise: the ten blocks of the A/A arm alone, not those of seven arms.
void simulate_gain_from_one_arm(const Sizes& sizes) {
  const auto found = for_seeds<Share>(sizes.estimates, [](std::uint64_t seed, Share& tally) {
    NoisyMachine first(kSharedMachine, 4 * kScreen, 2 * seed);
    const auto blocks =
        blocks_needed(equal_blocks(first, kScreen), std::log1p(kTrueGain), kStrictAlpha);
    NoisyMachine second(kSharedMachine, 4 * blocks.value(), 2 * seed + 1);
    std::vector<double> effects = equal_blocks(second, *blocks);
    for (double& effect : effects) effect += std::log1p(kTrueGain);
    tally.count(pseudo_median(effects) > 0 && signed_rank_p(effects) <= kStrictAlpha);
  });
  claim(found.at_least(kPowerLeast),
        fmt::format("a true +3 %, blocks announced from the A/A arm alone: found in {}",
                    found.words()));
}

}  // namespace

void simulate_estimates(const Sizes& sizes) {
  for (const std::size_t blocks : {kScreen, kReplay}) {
    for (const NoiseModel& ill : kIlls) simulate_noise(ill, blocks, sizes.estimates);
    simulate_noise(kSharedMachine, blocks, sizes.estimates);
  }
  simulate_strict_confidence(sizes);
  simulate_machines(sizes);
  simulate_gain_from_one_arm(sizes);
}

}  // namespace tamari::lab
