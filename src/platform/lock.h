// lock.h - a small mutex for short critical sections: spin briefly, then sleep in the kernel. Where
// the kernel refuses that (a sandbox may, from any moment on), look again every millisecond.
// States: 0 free, 1 held, 2 held and somebody may sleep (Drepper, "Futexes are tricky", mutex 2).
// In a fork child the lock of a vanished thread is reset by its keeper (heap/heap.cpp). A lock that
// the surviving thread itself holds (it forked in a signal handler, on top of our own code) is not:
// its critical section goes on when the handler returns.
#pragma once

#include <atomic>
#include <cstdint>

#include "platform/compiler.h"
#include "platform/os.h"

namespace tamari {

// Whose locks a repair in a fork child is about: those of threads that are gone, or the survivor's
// own, which it will not return to.
enum class Whose { kOthers, kMine };

class Lock {
 public:
  void lock() {
    if (TAMARI_UNLIKELY(!try_lock())) lock_slow();
  }

  bool try_lock() {
    uint32_t expected = 0;
    if (TAMARI_UNLIKELY(!state_.compare_exchange_strong(expected, 1, std::memory_order_acquire)))
      return false;
    holder_.store(__builtin_thread_pointer(), std::memory_order_relaxed);
    return true;
  }

  void unlock() {
    if (TAMARI_UNLIKELY(state_.exchange(0, std::memory_order_release) == 2))
      os::futex_wake(&state_, 1);
  }

  // Only in a fork child, where no other thread exists yet.
  bool is_mine() const {
    return state_.load(std::memory_order_relaxed) != 0 &&
           holder_.load(std::memory_order_relaxed) == __builtin_thread_pointer();
  }
  // Returns whether there was something to reset.
  bool reset_after_fork(Whose whose) {
    const bool held = state_.load(std::memory_order_relaxed) != 0;
    if (!held || is_mine() != (whose == Whose::kMine)) return false;
    state_.store(0, std::memory_order_relaxed);
    return true;
  }

 private:
  TAMARI_SLOW void lock_slow() {
    for (int i = 0; i < kSpins; ++i) {
      uint32_t expected = 0;
      if (state_.compare_exchange_weak(expected, 1, std::memory_order_acquire)) {
        holder_.store(__builtin_thread_pointer(), std::memory_order_relaxed);
        return;
      }
      TAMARI_PAUSE();
    }
    while (state_.exchange(2, std::memory_order_acquire) != 0) {
      if (!os::futex_wait(&state_, 2, kLongestWaitMs)) os::nap(kNapMs);
    }
    holder_.store(__builtin_thread_pointer(), std::memory_order_relaxed);
  }

  static constexpr int kSpins = 64;
  static constexpr uint32_t kLongestWaitMs = 100;  // a wake-up that the kernel refuses is lost
  static constexpr uint32_t kNapMs = 1;
  std::atomic<uint32_t> state_{0};
  std::atomic<void*> holder_{nullptr};  // means something only while the lock is held
};

class LockGuard {
 public:
  explicit LockGuard(Lock& lock) : lock_(lock) { lock_.lock(); }
  ~LockGuard() { lock_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace tamari
