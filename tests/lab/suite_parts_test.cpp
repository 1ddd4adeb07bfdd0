// Parts of the workload suite: the stamps that find a broken block, and the histogram.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "bench/suite/latency.h"
#include "bench/suite/ledger.h"

namespace tamari::bench {
namespace {

TEST(Ledger, AStampedBlockIsIntact) {
  for (const std::size_t bytes :
       {kLeastBlock, std::size_t{16}, std::size_t{1025}, std::size_t{100'000}}) {
    std::vector<char> block(bytes);
    stamp(block.data(), bytes, 77);
    EXPECT_EQ(verify(block.data()), 77u);
    EXPECT_EQ(stamped_size(block.data()), bytes);
  }
}

TEST(LedgerDeathTest, ADamagedBlockEndsTheProcess) {
  std::vector<char> block(500);
  stamp(block.data(), block.size(), 1);
  ++block.back();
  EXPECT_EXIT(verify(block.data()), testing::ExitedWithCode(1), "last byte");
  std::memset(block.data(), 0, block.size());
  EXPECT_EXIT(verify(block.data()), testing::ExitedWithCode(1), "header");
}

TEST(LedgerDeathTest, ALostBlockEndsTheProcess) {
  Ledger ledger;
  void* block = ledger.make(100);
  Accounts accounts;
  accounts.add(ledger);
  EXPECT_EXIT(accounts.require_balance(), testing::ExitedWithCode(1), "as many blocks");
  ledger.release(block);
}

TEST(Histogram, BucketsAreOrderedAndWithinThreePerCent) {
  std::size_t last = 0;
  for (std::uint64_t value = 0; value < 1'000'000; value += 1 + value / 100) {
    const std::size_t bucket = Histogram::bucket_of(value);
    EXPECT_GE(bucket, last);
    last = bucket;
    const std::uint64_t upper = Histogram::upper_end(bucket);
    EXPECT_GE(upper, value);
    EXPECT_LE(upper - value, value / 32);
    EXPECT_EQ(Histogram::bucket_of(upper), bucket);
    EXPECT_EQ(Histogram::bucket_of(upper + 1), bucket + 1);
  }
  EXPECT_LT(Histogram::bucket_of(~std::uint64_t{0}), Histogram::kBuckets);
}

TEST(Histogram, PercentilesOfKnownValues) {
  const auto histogram = std::make_unique<Histogram>();
  for (std::uint64_t value = 1; value <= 1000; ++value) histogram->add(value);
  EXPECT_EQ(histogram->count(), 1000u);
  EXPECT_EQ(histogram->max(), 1000u);
  EXPECT_NEAR(static_cast<double>(histogram->percentile(0.5)), 500, 16);
  EXPECT_NEAR(static_cast<double>(histogram->percentile(0.99)), 990, 32);
  EXPECT_EQ(histogram->percentile(1), 1000u);

  const auto sum = std::make_unique<Histogram>();
  histogram->merge_into(*sum);
  histogram->merge_into(*sum);
  EXPECT_EQ(sum->count(), 2000u);
  EXPECT_EQ(sum->percentile(0.5), histogram->percentile(0.5));
}

}  // namespace
}  // namespace tamari::bench
