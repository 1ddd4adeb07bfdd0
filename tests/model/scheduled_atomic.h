// scheduled_atomic.h - std::atomic's interface on the scheduler: each operation is a step.
// The value lies in place and has the size of T, so that records laid out for std::atomic keep
// their layout and start as zeroed memory; the history of the word is the scheduler's.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "scheduler.h"

namespace model {

template <class T>
class ScheduledAtomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(uint64_t));

 public:
  using value_type = T;

  // (A new object may lie where an old one has left its history.)
  constexpr ScheduledAtomic() {
    if (!std::is_constant_evaluated()) forget(this);
  }
  constexpr ScheduledAtomic(T value) : value_(value) {
    if (!std::is_constant_evaluated()) forget(this);
  }
  ScheduledAtomic(const ScheduledAtomic&) = delete;
  ScheduledAtomic& operator=(const ScheduledAtomic&) = delete;

  T load(Order order = std::memory_order_seq_cst) const {
    if (!is_running()) return value_;
    return value_of(model::load(this, bits_of(value_), order));
  }

  void store(T value, Order order = std::memory_order_seq_cst) {
    if (is_running()) {
      const uint64_t before = bits_of(value_);
      model::store(this, before, bits_of(value), order);
    }
    value_ = value;
  }

  // The newest value, without a step: for conditions of wait_until().
  T peek() const { return value_; }

  T exchange(T value, Order order = std::memory_order_seq_cst) {
    return modify(order, order, [&](T& current) {
      current = value;
      return true;
    });
  }

  bool compare_exchange_strong(T& expected, T desired, Order success, Order failure) {
    bool done = false;
    const T found = modify(success, failure, [&](T& current) {
      done = bits_of(current) == bits_of(expected);
      if (done) current = desired;
      return done;
    });
    if (!done) expected = found;
    return done;
  }
  bool compare_exchange_strong(T& expected, T desired, Order order = std::memory_order_seq_cst) {
    return compare_exchange_strong(expected, desired, order, failure_order(order));
  }
  bool compare_exchange_weak(T& expected, T desired, Order success, Order failure) {
    if (is_running() && fails_spuriously()) {
      expected = load(failure);
      return false;
    }
    return compare_exchange_strong(expected, desired, success, failure);
  }
  bool compare_exchange_weak(T& expected, T desired, Order order = std::memory_order_seq_cst) {
    return compare_exchange_weak(expected, desired, order, failure_order(order));
  }

  T fetch_add(T amount, Order order = std::memory_order_seq_cst) {
    return modify(order, order, [&](T& current) {
      current = static_cast<T>(current + amount);
      return true;
    });
  }
  T fetch_sub(T amount, Order order = std::memory_order_seq_cst) {
    return modify(order, order, [&](T& current) {
      current = static_cast<T>(current - amount);
      return true;
    });
  }

 private:
  static uint64_t bits_of(T value) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    return bits;
  }
  static T value_of(uint64_t bits) {
    T value{};
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  static Order failure_order(Order order) {
    if (order == std::memory_order_acq_rel) return std::memory_order_acquire;
    return order == std::memory_order_release ? std::memory_order_relaxed : order;
  }

  template <class Change>
  T modify(Order order, Order on_failure, Change change) {
    if (!is_running()) {
      const T before = value_;
      change(value_);
      return before;
    }
    // `value_` is read again inside: a step may let others change it.
    const uint64_t before =
        model::modify(this, bits_of(value_), order, on_failure, [&](uint64_t& bits) {
          T current = value_of(bits);
          const bool changed = change(current);
          bits = bits_of(current);
          if (changed) value_ = current;
          return changed;
        });
    return value_of(before);
  }

  T value_{};
};

}  // namespace model
