// One thread of the benchmark: its slots, its inbound ring, its counts, and what it does with them.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "arguments.h"
#include "spsc_ring.h"

namespace tamari::bench {

// Invariant at the end: allocations == local_frees + received + cleanup_frees.
// local_frees includes the fallbacks; pushed counts releases that went into a ring.
struct Counts {
  std::uint64_t allocations = 0;
  std::uint64_t local_frees = 0;
  std::uint64_t pushed = 0;
  std::uint64_t received = 0;
  std::uint64_t fallbacks = 0;
  std::uint64_t failed_allocations = 0;
  std::uint64_t cleanup_frees = 0;

  std::uint64_t releases() const { return local_frees + pushed; }
  std::uint64_t ops() const { return allocations + releases() + received; }
  std::uint64_t live() const { return allocations - local_frees - received - cleanup_frees; }

  Counts& operator+=(const Counts& other) {
    allocations += other.allocations;
    local_frees += other.local_frees;
    pushed += other.pushed;
    received += other.received;
    fallbacks += other.fallbacks;
    failed_allocations += other.failed_allocations;
    cleanup_frees += other.cleanup_frees;
    return *this;
  }
};

// A worker's inbound ring is written by the worker before it; `done` is read by the worker after.
struct alignas(kCacheLine) Worker {
  SpscRing inbound;
  alignas(kCacheLine) std::atomic<bool> done{false};
  alignas(kCacheLine) const Arguments* arguments = nullptr;
  Worker* previous = nullptr;
  Worker* next = nullptr;  // null with one thread
  void** slots = nullptr;
  pthread_barrier_t* barrier = nullptr;
  std::uint64_t index = 0;
  pthread_t thread{};
  double finished_at = 0;
  Counts counts;  // the worker's own until it has passed the next barrier
};

// The timed work: ITERS iterations.
void run_iterations(Worker& worker, Counts& counts);

// The rest of the timed phase: the producer may still be pushing, or waiting for room, so its
// blocks are freed until it is finished.
void serve_producer(Worker& worker, Counts& counts);

// After the timed phase: frees what is left in the slots and in the inbound ring.
void free_leftovers(Worker& worker);

void sleep_ns(std::uint64_t nanoseconds);

}  // namespace tamari::bench
