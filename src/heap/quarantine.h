// quarantine.h - where freed blocks wait while they are checked (heap/checked.h), so that a block
// is not handed out again at once, and not in a foreseeable order. Once it is full, in blocks or
// bytes, a block that comes takes the place of a random one, which leaves. Each thread has one for
// itself, where there are enough; all others share one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "config/size_classes.h"
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

// A block that waits, in one word: a fork child finds it whole.
class Waiting {
 public:
  constexpr Waiting() = default;
  Waiting(const void* block, size_t size_class)
      : word_(reinterpret_cast<uintptr_t>(block) << kShift | size_class) {}

  explicit operator bool() const { return word_ != 0; }
  char* block() const {
    return reinterpret_cast<char*>(word_ >> kShift & ~uintptr_t{kMinAlignment - 1});
  }
  size_t size_class() const { return word_ % kClassValues; }
  size_t bytes() const { return kSizeClasses[size_class()].size; }  // 0: of none
  uint64_t word() const { return word_; }

 private:
  static constexpr unsigned kShift = 3;  // more, and the lower bits of a block's address are zeros
  static_assert(kClassValues == kMinAlignment << kShift);
  uint64_t word_ = 0;
};

// Whose a quarantine is to its caller. The thread that has one for itself enters by two plain
// stores; a stranger closes it meanwhile, and only if the thread is not inside.
enum class Access { kShared, kOwn, kStranger };

class Quarantine {
 public:
  static constexpr size_t kPlaces = 256;
  static constexpr size_t kMostBytes = 128 * 1024;

  // Returns a block that must leave for this one: perhaps an older one, or this one if it is too
  // large, or none. Not for a stranger.
  TAMARI_INLINE Waiting exchange(Waiting coming, Access access) {
    if (TAMARI_UNLIKELY(access != Access::kOwn)) return exchange_shared(coming);
    if (TAMARI_UNLIKELY(!enter())) return coming;
    const Waiting leaving = exchange_inside(coming);
    leave();
    return leaving;
  }

  // Calls visit(waiting) for the block that came last, if it still waits and nobody is inside. Not
  // for a stranger.
  template <class Visit>
  void look_at_newest(Access access, Visit visit) {
    if (access == Access::kOwn) {
      if (!enter()) return;
      visit_newest(visit);
      leave();
    } else {
      HandlerGuard guard(lock_);
      if (!guard.was_held()) visit_newest(visit);
    }
  }

  // Calls visit(waiting) for what waits, and forgets it if visit() is true. For nothing when
  // somebody is inside; without `wait`, not even a stranger that will be gone in a moment.
  template <class Visit>
  void for_each(Access access, bool wait, Visit visit) {
    HandlerGuard guard(lock_, wait);
    if (guard.was_held()) return;
    if (access == Access::kShared || close(access)) {
      size_t kept = 0;
      for (size_t i = 0; i < count_.load(std::memory_order_relaxed); ++i) {
        const Waiting waiting = std::exchange(places_[i], {});  // nowhere, rather than twice
        if (visit(waiting)) {
          bytes_ -= waiting.bytes();
        } else {
          places_[kept++] = waiting;
        }
      }
      count_.store(kept, std::memory_order_relaxed);
    }
    if (access != Access::kShared) closed_.store(false, std::memory_order_release);
  }

  TAMARI_RACY_READ size_t bytes() const { return bytes_; }

  // In a fork child: whether this thread is inside a quarantine of its own.
  bool is_mine() const {
    return inside_.load(std::memory_order_relaxed) == __builtin_thread_pointer();
  }
  void reset_after_fork(Whose whose) {
    const bool was_locked = lock_.reset_after_fork(whose);
    if (was_locked) closed_.store(false, std::memory_order_relaxed);
    const bool was_entered =
        inside_.load(std::memory_order_relaxed) != nullptr && is_mine() == (whose == Whose::kMine);
    if (was_entered) inside_.store(nullptr, std::memory_order_relaxed);
    if (!was_locked && !was_entered) return;
    size_t count = bytes_ = 0;
    for (Waiting& place : places_) {
      const Waiting waiting = std::exchange(place, {});
      if (!waiting) continue;
      places_[count++] = waiting;
      bytes_ += waiting.bytes();
    }
    count_.store(count, std::memory_order_relaxed);
  }

 private:
  // A thread raises its flag and looks at the stranger's, the stranger the other way round: at
  // least one sees the other's. The barrier in close() is for both of them. A signal handler finds
  // its own thread inside.
  bool enter() {
    if (TAMARI_UNLIKELY(inside_.load(std::memory_order_relaxed) != nullptr)) return false;
    inside_.store(__builtin_thread_pointer(), std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (TAMARI_LIKELY(!closed_.load(std::memory_order_acquire))) return true;
    leave();
    return false;
  }
  void leave() { inside_.store(nullptr, std::memory_order_release); }
  bool close(Access access) {
    closed_.store(true, std::memory_order_relaxed);
    if (access == Access::kStranger && !os::barrier_all_threads()) return false;
    return inside_.load(std::memory_order_acquire) == nullptr;
  }

  Waiting exchange_shared(Waiting coming) {
    HandlerGuard guard(lock_);
    return guard.was_held() ? coming : exchange_inside(coming);
  }

  template <class Visit>
  void visit_newest(Visit visit) {
    if (places_[newest_]) visit(places_[newest_]);
  }

  TAMARI_INLINE Waiting exchange_inside(Waiting coming) {
    // Knuth, MMIX; what comes makes it unforeseeable.
    const uint64_t random = (random_ ^ coming.word()) * 6364136223846793005U + 1442695040888963407U;
    random_ = random;
    const size_t count = count_.load(std::memory_order_relaxed);
    const bool has_room = count < kPlaces && bytes_ + coming.bytes() <= kMostBytes;
    const size_t at = TAMARI_UNLIKELY(has_room) ? count : (random >> 33) * count >> 31;
    Waiting& place = places_[at];
    const size_t bytes = bytes_ - place.bytes() + coming.bytes();
    if (bytes > kMostBytes) return coming;
    const Waiting leaving = std::exchange(place, coming);
    newest_ = at;
    bytes_ = bytes;
    if (has_room) count_.store(count + 1, std::memory_order_relaxed);
    return leaving;
  }

  std::atomic<void*> inside_{nullptr};  // the thread that it belongs to
  std::atomic<bool> closed_{false};     // by a stranger, who holds the lock
  Lock lock_;                           // of a shared one; of strangers
  uint64_t random_ = 0;
  size_t bytes_ = 0;
  size_t newest_ = 0;             // place of what came last, unless others have moved since
  std::atomic<size_t> count_{0};  // in the first places; all others are empty
  Waiting places_[kPlaces];
};

}  // namespace tamari
