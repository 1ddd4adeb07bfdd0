// lock.h - a small mutex for short critical sections: spin briefly, then sleep in the kernel.
// States: 0 free, 1 held, 2 held and somebody may sleep (Drepper, "Futexes are tricky", mutex 2).
// In a fork child the lock of a vanished thread is reset by its keeper (heap/heap.cpp).
#pragma once

#include <atomic>
#include <cstdint>

#include "platform/compiler.h"
#include "platform/os.h"

namespace tamari {

class Lock {
 public:
  void lock() {
    uint32_t expected = 0;
    if (TAMARI_LIKELY(state_.compare_exchange_strong(expected, 1, std::memory_order_acquire)))
      return;
    lock_slow();
  }

  bool try_lock() {
    uint32_t expected = 0;
    return state_.compare_exchange_strong(expected, 1, std::memory_order_acquire);
  }

  void unlock() {
    if (TAMARI_UNLIKELY(state_.exchange(0, std::memory_order_release) == 2))
      os::futex_wake(&state_, 1);
  }

  // Only in a fork child, where no other thread exists. Returns whether it was held.
  bool reset_after_fork() { return state_.exchange(0, std::memory_order_relaxed) != 0; }

 private:
  TAMARI_SLOW void lock_slow() {
    for (int i = 0; i < kSpins; ++i) {
      uint32_t expected = 0;
      if (state_.compare_exchange_weak(expected, 1, std::memory_order_acquire)) return;
      TAMARI_PAUSE();
    }
    while (state_.exchange(2, std::memory_order_acquire) != 0) os::futex_wait(&state_, 2, 0);
  }

  static constexpr int kSpins = 64;
  std::atomic<uint32_t> state_{0};
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
