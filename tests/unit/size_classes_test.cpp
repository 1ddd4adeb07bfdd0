#include "config/size_classes.h"

#include <gtest/gtest.h>

#include "world.h"

namespace {

using namespace tamari;

TEST(SizeClasses, EverySizeGetsTheSmallestClassThatHoldsIt) {
  for (size_t bytes = 0; bytes <= kMaxClassBytes; ++bytes) {
    const size_t c = class_of_size(bytes);
    ASSERT_GE(c, bytes == 0 ? 0U : 1U);
    ASSERT_LT(c, kClassCount);
    ASSERT_GE(kSizeClasses[c].size, bytes);
    ASSERT_TRUE(c <= 1 || kSizeClasses[c - 1].size < bytes);
  }
}

TEST(SizeClasses, WasteAtMostAnEighth) {
  for (size_t c = 2; c < kClassCount; ++c) {
    const size_t least = kSizeClasses[c - 1].size + 1;
    EXPECT_LE(kSizeClasses[c].size - least, std::max<size_t>(15, kSizeClasses[c].size / 8)) << c;
  }
}

TEST(SizeClasses, APowerOfTwoAndAHeaderWastesAThirtySecond) {
  for (size_t power = 512; power <= 16 * 1024; power *= 2) {
    for (size_t header : {size_t{1}, power / 32}) {
      const size_t size = kSizeClasses[class_of_size(power + header)].size;
      EXPECT_LE(size - (power + header), power / 32) << power;
    }
  }
}

TEST(SizeClasses, AlignedClassesAreTheSmallestThatAlign) {
  for (size_t alignment = 16; alignment <= 2 * kMaxClassBytes; alignment *= 2) {
    for (size_t bytes : {size_t{1}, size_t{17}, size_t{100}, size_t{5000}, alignment, alignment + 1,
                         kMaxClassBytes, kMaxClassBytes + 1}) {
      const size_t c = class_of_aligned(bytes, alignment);
      if (c == kNoClass) {
        EXPECT_TRUE(bytes > kMaxClassBytes || alignment > kMaxClassBytes);
        continue;
      }
      EXPECT_GE(kSizeClasses[c].size, bytes);
      EXPECT_EQ(kSizeClasses[c].size % alignment, 0U);
      for (size_t d = 1; d < c; ++d) {
        EXPECT_TRUE(kSizeClasses[d].size < bytes || kSizeClasses[d].size % alignment != 0);
      }
    }
  }
}

// The block check against division, at every offset of a span: all of them where spans are small,
// else those around each block's start and a stride that hits every residue.
TEST(SizeClasses, TheBlockCheckAcceptsBlockStartsAlone) {
  FreshMap fresh;
  PageMap& map = fresh.get();
  map.init(nullptr);
  for (size_t c = 1; c < kClassCount; ++c) {
    const SizeClass& k = kSizeClasses[c];
    const size_t span = k.span_pages * kPageBytes;
    const size_t step = span <= 128 * 1024 ? 1 : 7;
    for (size_t offset = 0; offset < span; offset += step) {
      const bool start = offset % k.size == 0 && offset / k.size < k.block_count;
      ASSERT_EQ(map.is_block_start(offset, c), start) << "class " << c << ", offset " << offset;
    }
    for (size_t block = 0; block < k.block_count; ++block) {
      for (size_t near : {size_t{0}, size_t{1}, size_t{8}, size_t{16}}) {
        const size_t offset = block * k.size + near;
        if (offset >= span) continue;
        const bool start = offset % k.size == 0 && offset / k.size < k.block_count;
        ASSERT_EQ(map.is_block_start(offset, c), start) << "class " << c << ", offset " << offset;
      }
      ASSERT_EQ(detail::high_product(block * k.size, k.multiplier), block);
      ASSERT_EQ(detail::high_product(block * k.size + k.size - 1, k.multiplier), block);
    }
  }
  for (size_t value : {size_t{kNoClass}, size_t{kLargeInside}, size_t{kLargeFirst}})
    EXPECT_FALSE(map.is_block_start(0, value));
}

// Addresses of user space outside the window, on both sides: above all multiples of the block size.
TEST(SizeClasses, TheBlockCheckRefusesWhatLiesBeyondTheWindow) {
  FreshMap fresh;
  PageMap& map = fresh.get();
  map.init(nullptr);
  for (size_t c = 1; c < kClassCount; ++c) {
    const size_t size = kSizeClasses[c].size;
    for (size_t far = kMaxWindowBytes; far <= size_t{1} << 47; far <<= 1) {
      const size_t multiple = (far / size + 1) * size;
      for (size_t offset : {far, multiple, multiple + 16, size_t{0} - far, size_t{0} - multiple})
        EXPECT_FALSE(map.is_block_start(offset, c)) << "class " << c << ", offset " << offset;
    }
  }
}

}  // namespace
