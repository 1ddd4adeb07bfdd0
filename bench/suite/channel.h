// A bounded queue between threads, and the parcels of blocks that travel through it. Everything
// lies in mapped memory.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "bench/mapped.h"

namespace tamari::bench {

template <typename T>
class Channel {
 public:
  explicit Channel(std::size_t capacity) : items_(capacity) {}

  // Waits for room.
  void push(T item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return count_ < items_.size(); });
    items_[(first_ + count_++) % items_.size()] = item;
    lock.unlock();
    filled_.notify_one();
  }

  // Waits for an item; false when the channel is closed and empty.
  bool pop(T& item) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return count_ > 0 || closed_; });
    if (count_ == 0) return false;
    item = items_[first_];
    first_ = (first_ + 1) % items_.size();
    --count_;
    lock.unlock();
    room_.notify_one();
    return true;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    filled_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable room_;
  MappedArray<T> items_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  bool closed_ = false;
};

// Blocks that change hands together.
struct Parcel {
  static constexpr std::size_t kMost = 64;
  std::size_t count = 0;
  void* blocks[kMost] = {};
};

// Empty parcels in circulation: who has none left waits, so the queues cannot run away.
class ParcelPool {
 public:
  explicit ParcelPool(std::size_t count) : parcels_(count), empty_(count) {
    for (Parcel& parcel : parcels_) empty_.push(&parcel);
  }
  Parcel* take() {
    Parcel* parcel = nullptr;
    empty_.pop(parcel);
    parcel->count = 0;
    return parcel;
  }
  void give_back(Parcel* parcel) { empty_.push(parcel); }

 private:
  MappedArray<Parcel> parcels_;
  Channel<Parcel*> empty_;
};

}  // namespace tamari::bench
