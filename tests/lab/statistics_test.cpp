#include "lab/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tamari::lab {
namespace {

TEST(Median, IsTheMiddleValueOrTheMeanOfTwo) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({7}), 7);
}

TEST(Median, OfNothingIsNothing) { EXPECT_FALSE(median({}).has_value()); }

TEST(GeometricMean, HalfAndDoubleCancel) {
  EXPECT_DOUBLE_EQ(*geometric_mean({0.5, 2, 3, 3}), std::sqrt(3));
  EXPECT_FALSE(geometric_mean({}).has_value());
}

TEST(MedianInterval, HoldsTheMedianAndStaysWithinTheSamples) {
  const std::vector<double> values = {10, 11, 12, 13, 14, 15, 100};
  const auto interval = median_interval(values);
  ASSERT_TRUE(interval.has_value());
  EXPECT_LE(interval->low, 13);
  EXPECT_GE(interval->high, 13);
  EXPECT_GE(interval->low, 10);
  EXPECT_LE(interval->high, 100);
}

TEST(MedianInterval, IsTheSameEveryTime) {
  const std::vector<double> values = {5, 9, 1, 7, 3};
  EXPECT_EQ(median_interval(values)->low, median_interval(values)->low);
  EXPECT_EQ(median_interval(values)->high, median_interval(values)->high);
}

TEST(MedianInterval, NeedsTwoValues) {
  EXPECT_FALSE(median_interval({5}).has_value());
  EXPECT_FALSE(median_interval({}).has_value());
}

TEST(MedianInterval, OfEqualValuesIsAPoint) {
  const auto interval = median_interval({4, 4, 4, 4});
  EXPECT_EQ(interval->low, 4);
  EXPECT_EQ(interval->high, 4);
}

TEST(PairedRatio, IsTheRatioOfTheMedians) {
  const auto ratio = paired_ratio({2, 4, 6}, {1, 2, 3});
  ASSERT_TRUE(ratio.has_value());
  EXPECT_DOUBLE_EQ(ratio->value, 2);
}

TEST(PairedRatio, CancelsDriftThatHitsBoth) {
  const auto ratio = paired_ratio({20, 40, 80, 160}, {10, 20, 40, 80});
  EXPECT_DOUBLE_EQ(ratio->interval->low, 2);
  EXPECT_DOUBLE_EQ(ratio->interval->high, 2);
}

TEST(PairedRatio, RefusesWhatHasNoRatio) {
  EXPECT_FALSE(paired_ratio({}, {}).has_value());
  EXPECT_FALSE(paired_ratio({1}, {0}).has_value());
  EXPECT_FALSE(paired_ratio({1, 2}, {1}).has_value());
}

TEST(PairedRatio, OfOneRoundHasNoInterval) {
  EXPECT_FALSE(paired_ratio({3}, {2})->interval.has_value());
}

}  // namespace
}  // namespace tamari::lab
