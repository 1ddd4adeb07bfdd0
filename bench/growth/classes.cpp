// classes: how many different sizes are in use, of a ladder as most allocators have it: 16-byte
// steps to 128 bytes, then eight for each doubling to 256 KiB.
//
// The steps in use are spread over the ladder. Those above the mean are drawn less often than those
// below it, so often that the mean stays: whatever the number of sizes, as many blocks are live,
// and as many bytes.
#include "bench/growth/dimension.h"
#include "bench/growth/population.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kBlocks = 4096;
// A step of the ladder, and no power of two: blocks of one size spread over the sets of a cache.
constexpr std::size_t kMean = 1920;
constexpr std::uint64_t kCertain = 1 << 30;

constexpr std::size_t step_size(std::uint64_t step) {
  constexpr std::size_t kFine = 16;
  constexpr std::uint64_t kFineSteps = 8;
  if (step < kFineSteps) return kFine * (step + 1);
  const std::size_t low = kFine * kFineSteps << ((step - kFineSteps) / 8);
  return low + low / 8 * ((step - kFineSteps) % 8 + 1);
}

static_assert(step_size(kLadderSteps - 1) == 256 * 1024);

class LadderSizes {
 public:
  explicit LadderSizes(std::uint64_t count) {
    if (count == 1) {
      sizes_[0] = kMean;
      low_count_ = 1;
      return;
    }
    double low_sum = 0;
    double high_sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::size_t size = step_size((2 * i + 1) * kLadderSteps / (2 * count));
      sizes_[i] = size;
      (size <= kMean ? low_count_ : high_count_) += 1;
      (size <= kMean ? low_sum : high_sum) += static_cast<double>(size);
    }
    const double low_mean = low_sum / static_cast<double>(low_count_);
    const double high_mean = high_sum / static_cast<double>(high_count_);
    const double share = (static_cast<double>(kMean) - low_mean) / (high_mean - low_mean);
    high_share_ = static_cast<std::uint64_t>(share * static_cast<double>(kCertain));
  }

  std::size_t draw(Random& random) const {
    const bool high = random.below(kCertain) < high_share_;
    return high ? sizes_[low_count_ + random.below(high_count_)] : sizes_[random.below(low_count_)];
  }

 private:
  // Ascending: those up to the mean, then those above it.
  std::size_t sizes_[kLadderSteps] = {};
  std::uint64_t low_count_ = 0;
  std::uint64_t high_count_ = 0;
  std::uint64_t high_share_ = 0;  // of kCertain
};

}  // namespace

void size_classes(const Growth& growth, Meter& meter) {
  Population population(kBlocks, kSeed, LadderSizes(growth.value));
  measure(population, kBlocks, growth.turns, meter);
}

}  // namespace tamari::bench
