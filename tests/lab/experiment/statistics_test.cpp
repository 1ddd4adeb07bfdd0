#include "lab/experiment/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <random>

#include "lab/command_error.h"
#include "lab/experiment/bootstrap.h"

namespace tamari::lab {
namespace {

// Roughly normal, and the same on every machine.
std::vector<double> noise(std::size_t count, double spread, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::vector<double> values(count);
  for (double& value : values) {
    for (int i = 0; i < 12; ++i) value += static_cast<double>(random() % 1'000'000) / 1e6;
    value = spread * (value - 6);
  }
  return values;
}

std::vector<double> shifted(std::vector<double> values, double by) {
  for (double& value : values) value += by;
  return values;
}

TEST(SignedRank, CountsTheSignPatternsAtLeastAsExtreme) {
  // Rank sums of {1, 2, 3, 4} that are 10 or 0: 2 of 16; 9 or 1 as well: 4 of 16.
  EXPECT_DOUBLE_EQ(signed_rank_p({1, 2, 3, 4}), 2.0 / 16);
  EXPECT_DOUBLE_EQ(signed_rank_p({-1, 2, 3, 4}), 4.0 / 16);
  EXPECT_DOUBLE_EQ(signed_rank_p({1, -2, -3, 4}), 1);
}

TEST(SignedRank, OfTiesUsesTheirMidRanks) {
  // Ranks 1.5, 1.5, 3: sums 0, 1.5 (twice), 3 (twice), 4.5 (twice), 6.
  EXPECT_DOUBLE_EQ(signed_rank_p({1, 1, 2}), 2.0 / 8);
  EXPECT_DOUBLE_EQ(signed_rank_p({-1, 1, 2}), 6.0 / 8);
}

TEST(SignedRank, DropsZeros) {
  EXPECT_DOUBLE_EQ(signed_rank_p({0, 1, 0, 2, 3, 4}), signed_rank_p({1, 2, 3, 4}));
  EXPECT_EQ(signed_rank_p({0, 0, 0}), 1);
  EXPECT_EQ(signed_rank_p({}), 1);
}

TEST(SignedRank, StaysWithinAProbabilityForManyEffects) {
  const double p = signed_rank_p(noise(400, 1));
  EXPECT_GT(p, 0.001);
  EXPECT_LE(p, 1);
  EXPECT_LT(signed_rank_p(shifted(noise(400, 1), 1)), 1e-30);
}

TEST(PseudoMedian, IsTheMedianOfPairwiseMeans) {
  EXPECT_DOUBLE_EQ(pseudo_median({1, 2, 9}), 3.5);  // of 1, 1.5, 2, 5, 5.5, 9
  EXPECT_DOUBLE_EQ(pseudo_median({4}), 4);
}

TEST(PseudoMedian, OfNothingIsRefused) { EXPECT_THROW(pseudo_median({}), CommandError); }

TEST(Estimate, NeedsThreeBlocks) {
  EXPECT_FALSE(estimate({0.1, 0.2}).has_value());
  EXPECT_TRUE(estimate({0.1, 0.2, 0.3}).has_value());
}

TEST(Estimate, IsUnboundedWhereTheBlocksCannotGiveTheConfidence) {
  const std::vector<double> ten = noise(10, 0.02);
  EXPECT_FALSE(estimate({ten.begin(), ten.begin() + 5})->bounded());
  EXPECT_TRUE(estimate({ten.begin(), ten.begin() + 6})->bounded());
  EXPECT_FALSE(estimate({ten.begin(), ten.begin() + 9}, {}, 0.9972)->bounded());
  EXPECT_TRUE(estimate(ten, {}, 0.9972)->bounded());
  EXPECT_FALSE(estimate(ten, {}, 0.9972)->bootstrap.has_value());
}

TEST(Estimate, ExcludesZeroExactlyWhenTheTestRejectsIt) {
  std::size_t rejected = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const std::size_t n = 6 + seed % 30;
    for (const double confidence : {0.95, 0.9972}) {
      const auto found = estimate(shifted(noise(n, 0.03, seed), 0.015), {}, confidence);
      const bool excludes = found->interval.low > 0 || found->interval.high < 0;
      EXPECT_EQ(excludes, found->p <= 1 - confidence) << "seed " << seed;
      rejected += excludes ? 1 : 0;
    }
  }
  EXPECT_GT(rejected, 100);
  EXPECT_LT(rejected, 500);
}

TEST(Estimate, MovesWithTheEffects) {
  const std::vector<double> effects = noise(21, 0.02);
  const auto here = estimate(effects);
  const auto there = estimate(shifted(effects, 0.5));
  EXPECT_NEAR(there->effect, here->effect + 0.5, 1e-12);
  EXPECT_NEAR(there->interval.low, here->interval.low + 0.5, 1e-12);
  EXPECT_NEAR(there->interval.high, here->interval.high + 0.5, 1e-12);
  EXPECT_NEAR(there->bootstrap->low, here->bootstrap->low + 0.5, 1e-12);
}

TEST(Estimate, OfEqualEffectsIsAPoint) {
  const auto found = estimate(std::vector<double>(10, 0.25));
  EXPECT_EQ(found->interval.low, 0.25);
  EXPECT_EQ(found->interval.high, 0.25);
  EXPECT_EQ(found->bootstrap->low, 0.25);
}

TEST(Estimate, IsHardlyMovedByOneWildBlock) {
  std::vector<double> effects = noise(21, 0.02);
  const auto before = estimate(effects);
  *std::max_element(effects.begin(), effects.end()) = 100;
  EXPECT_NEAR(estimate(effects)->effect, before->effect, 0.001);
  EXPECT_NEAR(estimate(effects)->interval.high, before->interval.high, 0.005);
}

// The figures were found once; another machine or library must find them, too.
TEST(Estimate, IsTheSameOnEveryMachine) {
  const std::vector<double> effects = {0.011, -0.02, 0.034, 0.008, 0.025, -0.004, 0.017, 0.04};
  const auto found = estimate(effects, {}, 0.95, 7);
  EXPECT_NEAR(found->bootstrap->low, -0.0045, 1e-12);
  EXPECT_NEAR(found->bootstrap->high, 0.0325, 1e-12);
}

TEST(Bootstrap, ResamplesInsideEachStratum) {
  // Two machines that agree with themselves and not with each other: all the spread lies between
  // them, so that no resample can differ from another.
  std::vector<double> effects(10, 0.1);
  effects.insert(effects.end(), 10, 0.3);
  std::vector<std::size_t> strata(10, 0);
  strata.insert(strata.end(), 10, 1);
  const auto found = estimate(effects, strata);
  EXPECT_EQ(found->bootstrap->low, found->bootstrap->high);
  const auto pooled = estimate(effects);
  EXPECT_LT(pooled->bootstrap->low, pooled->bootstrap->high);
}

TEST(Bootstrap, ReachesFurtherOutThanPlainPercentiles) {
  EXPECT_LT(expanded_tail(6, 0.95), expanded_tail(10, 0.95));
  EXPECT_LT(expanded_tail(10, 0.95), 0.025);
  EXPECT_NEAR(expanded_tail(10'000, 0.95), 0.025, 1e-4);
}

TEST(Holm, IsHolmsOwnExample) {
  const std::vector<double> adjusted = holm({0.01, 0.04, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(adjusted[0], 0.03);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.02);
}

TEST(Holm, NeverExceedsOne) {
  EXPECT_EQ(holm({0.6, 0.9}), (std::vector<double>{1, 1}));
  EXPECT_TRUE(holm({}).empty());
}

TEST(BlocksNeeded, GrowsWithNoiseAndStrictness) {
  const std::vector<double> quiet = noise(20, 0.02);
  const std::vector<double> loud = noise(20, 0.04);
  EXPECT_GT(blocks_needed(loud, 0.03), blocks_needed(quiet, 0.03));
  EXPECT_GT(blocks_needed(quiet, 0.03, 0.0028), blocks_needed(quiet, 0.03));
  EXPECT_GT(blocks_needed(quiet, 0.03, 0.05, 0.99), blocks_needed(quiet, 0.03));
  EXPECT_EQ(blocks_needed(quiet, -0.03), blocks_needed(quiet, 0.03));
  EXPECT_EQ(blocks_needed(shifted(quiet, 0.5), 0.03), blocks_needed(quiet, 0.03));
}

TEST(BlocksNeeded, IsNeverFewerThanTheExactTestCanUse) {
  EXPECT_EQ(blocks_needed(std::vector<double>(10, 0.0), 0.03), 6);
  EXPECT_GE(blocks_needed(noise(10, 1e-6), 0.03, 0.0028), 10);
}

TEST(BlocksNeeded, IsUnknownWithoutNoiseOrWithoutAnEffect) {
  EXPECT_FALSE(blocks_needed({0.01, -0.01}, 0.03).has_value());
  EXPECT_FALSE(blocks_needed(noise(20, 0.02), 0).has_value());
}

TEST(BlocksNeeded, IsWhatAPlainCalculationGivesForNormalNoise) {
  // (1.96 + 1.64)^2 * (0.02 / 0.01)^2 blocks for the mean, a twentieth more for the signed ranks;
  // from many values of noise there is little to announce on top.
  const auto needed = blocks_needed(noise(2000, 0.02), 0.01);
  EXPECT_GE(needed, 52);
  EXPECT_LE(needed, 64);
}

TEST(Heterogeneity, OfAgreeingMachinesIsSmall) {
  std::vector<double> effects = noise(40, 0.02);
  std::vector<std::size_t> strata(20, 0);
  strata.insert(strata.end(), 20, 1);
  EXPECT_GT(heterogeneity(effects, strata)->p, 0.01);
  for (std::size_t i = 20; i < 40; ++i) effects[i] += 0.1;
  EXPECT_LT(heterogeneity(effects, strata)->p, 1e-6);
  EXPECT_GT(heterogeneity(effects, strata)->i_squared, 0.9);
}

TEST(Heterogeneity, NeedsTwoMachinesOfTwoBlocks) {
  EXPECT_FALSE(heterogeneity({1, 2, 3}, {0, 0, 0}).has_value());
  EXPECT_FALSE(heterogeneity({1, 2, 3}, {0, 0, 1}).has_value());
  EXPECT_FALSE(heterogeneity({1, 2, 3}, {}).has_value());
}

TEST(Heterogeneity, OfEqualEffectsIsNone) {
  const auto found = heterogeneity(std::vector<double>(6, 0.1), {0, 0, 1, 1, 2, 2});
  EXPECT_NEAR(found->p, 1, 1e-6);
  EXPECT_EQ(found->i_squared, 0);
}

TEST(Residuals, AreCentredOnThePseudoMedian) {
  EXPECT_NEAR(pseudo_median(residuals(shifted(noise(15, 0.02), 3))), 0, 1e-12);
  EXPECT_TRUE(residuals({}).empty());
}

// Simulations ask for it many thousand times. Processor time: other work shares the machine.
TEST(Estimate, TakesMilliseconds) {
  constexpr int kTimes = 20;
  constexpr std::clock_t kMost = CLOCKS_PER_SEC / 50;
  const std::vector<double> effects = noise(20, 0.02);
  const std::clock_t start = std::clock();
  for (int i = 0; i < kTimes; ++i) estimate(effects);
  EXPECT_LT((std::clock() - start) / kTimes, kMost);
}

}  // namespace
}  // namespace tamari::lab
