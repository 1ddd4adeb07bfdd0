// model_lock.h - a lock for models that are not about the lock: taking it is one step.
#pragma once

#include "scheduled_atomic.h"

namespace model {

class ModelLock {
 public:
  void lock() {
    for (;;) {
      int expected = 0;
      if (word_.compare_exchange_strong(expected, 1, std::memory_order_acquire)) return;
      wait_until([&] { return word_.peek() == 0; });
    }
  }
  bool try_lock() {
    int expected = 0;
    return word_.compare_exchange_strong(expected, 1, std::memory_order_acquire);
  }
  void unlock() { word_.store(0, std::memory_order_release); }

 private:
  ScheduledAtomic<int> word_{0};
};

}  // namespace model
