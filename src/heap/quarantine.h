// quarantine.h - where freed blocks wait while they are checked (heap/checked.h), so that a block
// is not handed out again at once, and not in a foreseeable order. A block that comes takes a
// random place; the one that lay there leaves. Bounded in blocks and bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "platform/lock.h"

namespace tamari {

// A lock guard that a signal handler may use on top of one that its thread holds: then it does not
// lock, and says so.
class HandlerGuard {
 public:
  // Without `wait`, a lock that another thread holds is as good as held by this one.
  explicit HandlerGuard(Lock& lock, bool wait = true) : outer_(t_innermost), lock_(lock) {
    for (const HandlerGuard* guard = outer_; guard != nullptr; guard = guard->outer_)
      was_held_ |= &guard->lock_ == &lock;
    t_innermost = this;  // rather too early than too late
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (was_held_) return;
    if (wait) {
      lock_.lock();
    } else {
      was_held_ = !lock_.try_lock();
    }
  }
  ~HandlerGuard() {
    if (!was_held_) lock_.unlock();
    std::atomic_signal_fence(std::memory_order_seq_cst);
    t_innermost = outer_;
  }
  HandlerGuard(const HandlerGuard&) = delete;
  HandlerGuard& operator=(const HandlerGuard&) = delete;

  bool was_held() const { return was_held_; }
  // Whether this thread is inside of one; and, in a fork child, that it will not return there.
  static bool any() { return t_innermost != nullptr; }
  static void forget() { t_innermost = nullptr; }

 private:
  static inline __thread HandlerGuard* t_innermost __attribute__((tls_model("initial-exec"))) =
      nullptr;

  HandlerGuard* outer_;
  Lock& lock_;
  bool was_held_ = false;
};

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
    HandlerGuard guard(lock_);
    if (guard.was_held()) return coming;
    random_ = (random_ ^ seed) * 6364136223846793005U + 1442695040888963407U;  // Knuth, MMIX
    Waiting& place = places_[(random_ >> 33) % kPlaces];
    if (bytes_ - place.bytes + coming.bytes > kMostBytes) return coming;
    const Waiting leaving = place;
    bytes_ += coming.bytes - place.bytes;
    place = coming;
    return leaving;
  }

  // One that waits at `place` or above, which becomes the place to go on at; or none.
  Waiting take_from(size_t& place) {
    HandlerGuard guard(lock_);
    for (; !guard.was_held() && place < kPlaces; ++place) {
      if (places_[place].block == nullptr) continue;
      const Waiting leaving = places_[place];
      bytes_ -= leaving.bytes;
      places_[place] = {};
      return leaving;
    }
    return {};
  }

  // Calls visit(waiting) for what waits, unless somebody is inside.
  template <class Visit>
  void for_each(Visit visit) {
    HandlerGuard guard(lock_, false);
    for (const Waiting& waiting : places_) {
      if (!guard.was_held() && waiting.block != nullptr) visit(waiting);
    }
  }

  size_t bytes() const { return __atomic_load_n(&bytes_, __ATOMIC_RELAXED); }

  // A place that was changing hands may be half-written: the child then gives up what waits.
  void reset_after_fork(Whose whose) {
    if (!lock_.reset_after_fork(whose)) return;
    bytes_ = 0;
    for (Waiting& waiting : places_) waiting = {};
  }

 private:
  Lock lock_;
  uint64_t random_ = 0;
  size_t bytes_ = 0;
  Waiting places_[kPlaces];
};

}  // namespace tamari
