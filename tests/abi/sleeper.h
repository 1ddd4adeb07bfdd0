// A thread that does something, then sleeps until the process ends and never calls the allocator
// again. Its program leaves by _exit.

#pragma once

#include <atomic>
#include <thread>

#include "process.h"

class Sleeper {
 public:
  template <typename Action>
  explicit Sleeper(Action action) {
    std::thread([this, action] {
      action();
      done_ = true;
      for (;;) pause();
    }).detach();
  }
  void wait_until_asleep() const {
    while (!done_) sleep_ms(1);
  }

 private:
  std::atomic<bool> done_ = false;
};
