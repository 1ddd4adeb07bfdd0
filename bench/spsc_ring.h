// A bounded ring of pointers between one producer and one consumer.
//
//   consumer's line          producer's line          read-only line
//   | head | tail seen |     | tail | head seen |     | cells, mask, capacity |
//
// The cells belong to the caller (mapped memory, never malloc). Each side keeps a copy of the
// other's index and reads the real one only when the copy does not suffice.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

namespace tamari::bench {

inline constexpr std::size_t kCacheLine = 64;

// Invariant: head <= tail <= head + capacity; both only grow.
class SpscRing {
 public:
  static std::uint64_t cells_for(std::uint64_t capacity) { return std::bit_ceil(capacity); }

  // `cells` has cells_for(capacity) entries.
  void attach(void** cells, std::uint64_t capacity) {
    cells_ = cells;
    mask_ = cells_for(capacity) - 1;
    capacity_ = capacity;
  }

  void** cells() const { return cells_; }

  // Producer only.
  bool push(void* pointer) {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ == capacity_) {
      head_seen_ = head_.load(std::memory_order_acquire);  // pairs with the release in take
      if (tail - head_seen_ == capacity_) return false;
    }
    cells_[tail & mask_] = pointer;
    tail_.store(tail + 1, std::memory_order_release);  // pairs with the acquire in take
    return true;
  }

  // Consumer only. Hands up to `limit` of the pointers that have arrived to `receive`; returns how
  // many.
  template <typename Receive>
  std::uint64_t take(std::uint64_t limit, Receive receive) {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (tail_seen_ - head < limit) {
      tail_seen_ = tail_.load(std::memory_order_acquire);  // pairs with the release in push
    }
    const std::uint64_t waiting = tail_seen_ - head;
    if (waiting == 0) return 0;
    const std::uint64_t end = head + (waiting < limit ? waiting : limit);
    for (std::uint64_t i = head; i != end; ++i) receive(cells_[i & mask_]);
    head_.store(end, std::memory_order_release);  // pairs with the acquire in push
    return end - head;
  }

 private:
  alignas(kCacheLine) std::atomic<std::uint64_t> head_{0};
  std::uint64_t tail_seen_ = 0;
  alignas(kCacheLine) std::atomic<std::uint64_t> tail_{0};
  std::uint64_t head_seen_ = 0;
  alignas(kCacheLine) void** cells_ = nullptr;
  std::uint64_t mask_ = 0;
  std::uint64_t capacity_ = 0;
};

}  // namespace tamari::bench
