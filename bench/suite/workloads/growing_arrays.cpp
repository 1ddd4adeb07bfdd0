// Arrays grown by realloc, by half of their size each time: many small ones side by side, and some
// from 64 bytes to 256 MiB. Whatever was written before must be there after each step.
#include <algorithm>
#include <cstdlib>

#include "bench/check.h"
#include "bench/suite/run.h"
#include "bench/suite/workloads.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kFirst = 64 / sizeof(std::uint64_t);
constexpr std::size_t kSmallMost = 128 * 1024 / sizeof(std::uint64_t);
constexpr std::size_t kLargeMost = 256 * 1024 * 1024 / sizeof(std::uint64_t);
constexpr std::size_t kSideBySide = 100;

class Array {
 public:
  explicit Array(std::uint64_t seed) : seed_(seed) {}
  ~Array() { std::free(items_); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  // Appends until it has `count` items.
  void grow(std::size_t count) {
    auto* items = static_cast<std::uint64_t*>(std::realloc(items_, count * sizeof(std::uint64_t)));
    require(items != nullptr, "the allocator has memory");
    items_ = items;
    if (count_ > 0) require_intact();
    for (std::size_t i = count_; i < count; ++i) items_[i] = seed_ + i;
    count_ = count;
  }
  std::size_t count() const { return count_; }

 private:
  // Both ends and one item of each page between.
  void require_intact() const {
    constexpr std::size_t kStep = 512;
    for (std::size_t i = 0; i < count_; i += kStep) {
      require(items_[i] == seed_ + i, "a grown array keeps its contents");
    }
    require(items_[count_ - 1] == seed_ + count_ - 1, "a grown array keeps its last item");
  }

  std::uint64_t seed_;
  std::uint64_t* items_ = nullptr;
  std::size_t count_ = 0;
};

std::size_t next_count(std::size_t count, std::size_t most) {
  return count == 0 ? kFirst : std::min(most, count + count / 2);
}

std::uint64_t grow_side_by_side(std::uint64_t seed) {
  std::uint64_t calls = 0;
  Array* arrays[kSideBySide];
  for (std::size_t i = 0; i < kSideBySide; ++i) arrays[i] = new Array(seed + i);
  for (std::size_t count = kFirst;; count = next_count(count, kSmallMost)) {
    for (Array* array : arrays) array->grow(count);
    calls += kSideBySide;
    if (count == kSmallMost) break;
  }
  for (Array* array : arrays) delete array;
  return calls;
}

std::uint64_t grow_large(std::uint64_t seed, std::size_t most) {
  std::uint64_t calls = 0;
  Array array(seed);
  for (std::size_t count = kFirst; array.count() < most; count = next_count(count, most)) {
    array.grow(count);
    ++calls;
  }
  return calls;
}

}  // namespace

void growing_arrays(Run& run) {
  const std::uint64_t rounds = run.scaled(6);
  const std::size_t most = std::min<std::size_t>(kLargeMost, run.scaled(kLargeMost, kSmallMost));
  std::uint64_t calls = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (int i = 0; i < 4; ++i) calls += grow_side_by_side(run.seed() + round);
    calls += grow_large(run.seed() + round, most);
  }
  run.finish(calls, calls);
}

}  // namespace tamari::bench
