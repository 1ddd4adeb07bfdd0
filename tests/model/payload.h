// payload.h - plain memory of a model: reports accesses by two threads that happens-before does not
// order. Not a step: the race is found from the clocks, in whatever order the threads really ran.
#pragma once

#include "scheduler.h"

namespace model {

template <class T>
class Payload {
 public:
  Payload() = default;
  explicit Payload(T value) : value_(value) {}

  T get() {
    if (is_running()) {
      check(ordered_after_write(), "data race: a read that the last write does not happen before");
      reads_[current_thread()] = next_time();
    }
    return value_;
  }

  void set(T value) {
    if (is_running()) {
      check(ordered_after_write() && ordered_after_reads(),
            "data race: a write that an earlier access does not happen before");
      writer_ = current_thread();
      write_time_ = next_time();
    }
    value_ = value;
  }

 private:
  bool ordered_after_write() const { return write_time_ <= current_clock()[writer_]; }
  bool ordered_after_reads() const {
    for (size_t i = 0; i < kMostThreads; ++i) {
      if (reads_[i] > current_clock()[i]) return false;
    }
    return true;
  }

  T value_{};
  size_t writer_ = 0;
  uint32_t write_time_ = 0;  // 0: before the threads started
  Clock reads_{};
};

}  // namespace model
