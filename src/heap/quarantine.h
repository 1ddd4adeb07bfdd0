// quarantine.h - where freed blocks wait under check=all, so that a block is not handed out again
// at once, and not in a foreseeable order. A block that comes takes a random place; the one that
// lay there leaves. Bounded in blocks and bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/lock.h"

namespace tamari {

struct Waiting {
  void* block = nullptr;
  size_t bytes = 0;
};

class Quarantine {
 public:
  static constexpr size_t kPlaces = 256;
  static constexpr size_t kMostBytes = 128 * 1024;

  // Returns a block that must leave for this one: perhaps an older one, or this one if it is too
  // large, or none.
  Waiting exchange(Waiting coming, uint64_t seed) {
    LockGuard guard(lock_);
    random_ = (random_ ^ seed) * 6364136223846793005U + 1442695040888963407U;  // Knuth, MMIX
    Waiting& place = places_[(random_ >> 33) % kPlaces];
    if (bytes_ - place.bytes + coming.bytes > kMostBytes) return coming;
    const Waiting leaving = place;
    bytes_ += coming.bytes - place.bytes;
    place = coming;
    return leaving;
  }

  // One that waits, or none: for whoever needs the memory.
  Waiting take_any() {
    LockGuard guard(lock_);
    for (Waiting& place : places_) {
      if (place.block == nullptr) continue;
      const Waiting leaving = place;
      bytes_ -= place.bytes;
      place = {};
      return leaving;
    }
    return {};
  }

  void reset_after_fork(Whose whose) { lock_.reset_after_fork(whose); }

 private:
  Lock lock_;
  uint64_t random_ = 1;
  size_t bytes_ = 0;
  Waiting places_[kPlaces];
};

}  // namespace tamari
