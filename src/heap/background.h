// background.h - the timer: one thread that gives memory back while the program sleeps.
// Started when there is something to do or a heap worth watching, it ends itself when there has
// been neither for a while, when the last thread of the program has left, or when the program has
// given up privileges that this thread still has: then the next slow path makes another. Libc does
// not know of it (platform/os_thread.cpp).
// Each tick empties the caches of idle threads, drains the stashes of idle and retired owners,
// returns what the transfer cache holds in vain, and purges pages that have been dirty for a whole
// tick, and those of batches that nobody needed. While the heap grows beyond its greatest size, and
// as long as that finds something to take, it looks more often and calls a thread idle sooner, so
// that a pool of threads that work in turn does not need the memory of them all.
#pragma once

#include <atomic>
#include <cstdint>

#include "central/transfer_cache.h"
#include "config/counters.h"
#include "platform/lock.h"
#include "thread/thread_cache.h"

namespace tamari {

struct Shared;

class Background {
 public:
  constexpr explicit Background(Shared& shared) : shared_(shared) {}

  // From slow paths, without locks: starts the thread if it has work and does not run.
  void wake() {
    if (is_running() || !enabled_.load(std::memory_order_relaxed)) return;
    if (has_work()) start();
  }

  // Threads may be made from now on.
  void enable() { enabled_.store(true, std::memory_order_relaxed); }

  // One round by hand: gives back everything that is free, idle or not, and the calling thread's
  // cache
  // (`self`, or null when it has none). Returns bytes given back. Any thread, also beside the
  // background thread; not from inside a thread cache.
  uint64_t purge_now(Owner* self);

  // What purging counted: one purger at a time bumps it.
  const Counters& counters() const { return counters_; }

  uint64_t ticks() const { return ticks_.load(std::memory_order_relaxed); }
  uint64_t starts() const { return starts_.load(std::memory_order_relaxed); }
  uint64_t caches_emptied() const { return emptied_.load(std::memory_order_relaxed); }

  void reset_after_fork() {
    thread_.store(kNoThread, std::memory_order_relaxed);
    reset_after_fork(Whose::kOthers);
  }
  void reset_after_fork(Whose whose) { purge_lock_.reset_after_fork(whose); }
  bool is_mine() const { return purge_lock_.is_mine(); }

 private:
  static constexpr int kNoThread = 0;
  static constexpr int kBeingMade = -1;
  enum class End { kCalm, kCannotSleep, kOtherRights };

  bool is_running() const {
    return thread_.load(std::memory_order_relaxed) != kNoThread &&
           !leaving_.load(std::memory_order_relaxed);
  }
  bool has_work() const;
  bool has_dirty_pages() const;
  void start();
  static int thread_main(void* self);
  void run();
  End run_while_useful();
  bool sleep(uint32_t ms);
  bool tick();
  bool hurry(uint64_t now_ms, uint64_t idle_ms);
  bool visit(Owner& owner, uint64_t now_ms, uint64_t idle_ms, size_t& stolen);
  bool decay(bool quiet);
  void drain_stashes(Owner& owner);
  void return_transfer(bool all);
  size_t purge_spans(bool all);
  uint32_t interval_ms() const;

  Shared& shared_;
  Lock purge_lock_;  // one purger at a time; above all other locks but start-up's
  Counters counters_;
  TransferCache::Account account_;
  ThreadCache::Thefts thefts_{};
  uint64_t last_decay_ms_ = 0;
  uint64_t last_tick_ms_ = 0;   // that was not hurried
  size_t committed_pages_ = 0;  // at the last tick
  uint64_t grown_ms_ = 0;       // when there were more than at the tick before
  int hurried_ticks_ = 1;       // so many more come soon
  bool all_idle_ = false;       // at the last tick
  std::atomic<bool> enabled_{false};
  std::atomic<int> thread_{kNoThread};   // its id; cleared by the kernel when it is gone
  std::atomic<bool> leaving_{false};     // it looks for work for the last time
  std::atomic<uint32_t> sleep_word_{0};  // nobody changes it: a place to sleep
  std::atomic<uint64_t> retry_at_ms_{0};
  std::atomic<uint64_t> ticks_{0};
  std::atomic<uint64_t> starts_{0};
  std::atomic<uint64_t> emptied_{0};
};

}  // namespace tamari
