// fiber.h - one stack per logical thread of a model, switched by hand. AddressSanitizer and
// ThreadSanitizer are told of each switch; without that they take a fiber's stack for a wild one.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <memory>

namespace model {

class Fiber {
 public:
  // The fiber of the thread that runs the model itself.
  Fiber();
  // A fiber that calls entry(argument) when it is first switched to; entry must not return.
  Fiber(void (*entry)(void*), void* argument);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Makes a finished fiber start anew.
  void restart();
  // Runs `to` until somebody switches back to `from`.
  static void switch_to(Fiber& from, Fiber& to);

 private:
  static constexpr size_t kStackBytes = 256 * 1024;
  static void trampoline(unsigned high, unsigned low);

  ucontext_t context_{};
  std::unique_ptr<char[]> stack_;
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;
  void* sanitizer_ = nullptr;     // ThreadSanitizer's fiber, AddressSanitizer's fake stack
  const void* bottom_ = nullptr;  // of the stack, for AddressSanitizer
  size_t stack_bytes_ = 0;
};

}  // namespace model
