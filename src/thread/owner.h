// owner.h - an identity that outlives its thread. Spans name the owner that last refilled from
// them, stashes hang on owners, and a retired owner is adopted by a later thread with all of that.
//
// Records are never freed, so anyone may push to any owner's stash at any time, also while its
// thread exits: what arrives in a retired owner's stash is drained by its adopter or the background
// thread. Only the memory of the thread's part is given back, when many threads have come and gone.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pages/arena.h"
#include "platform/lock.h"
#include "thread/stash.h"
#include "thread/thread_cache.h"

namespace tamari {

constexpr size_t kOwnerAlignment = 4096;  // and of its parts; on most machines an OS page

struct alignas(kOwnerAlignment) Owner {
  enum State : uint32_t { kUnused, kActive, kRetired, kLost };

  // What the thread uses. Forgotten, zeros again, when no thread has needed it for a while.
  Counters counters;
  uint32_t id;
  std::atomic<uint32_t> state;
  uint32_t next_retired;
  int exit_rounds;            // of thread-specific-data destructors seen
  int64_t until_sample;       // allocations, by estimate, until one is guarded
  uint64_t used_ms;           // when the background thread last found it used
  std::atomic<bool> emptied;  // by the background thread, since then
  ThreadCache cache;

  // What others push to, at any time, whether there is a thread or not. Untouched until then.
  alignas(kOwnerAlignment) std::atomic<bool> stash_touched;  // since the stashes were last emptied
  std::atomic<int64_t> stash_bytes;                          // waiting in all stashes
  Stash stashes[kClassCount];

  // The stashes' operations, with the bytes of the owner counted (relaxed, like the stashes'
  // blocks).
  bool stash_push(BatchPool& pool, size_t size_class, Batch* batch, size_t most_blocks,
                  size_t most_bytes) {
    const auto bytes = static_cast<int64_t>(batch->count * size_t{kSizeClasses[size_class].size});
    if (stash_bytes.load(std::memory_order_relaxed) + bytes > static_cast<int64_t>(most_bytes))
      return false;
    if (!stashes[size_class].push(pool, batch, most_blocks)) return false;
    stash_bytes.fetch_add(bytes, std::memory_order_relaxed);
    stash_touched.exchange(true, std::memory_order_release);  // pairs with stash_take_touched
    return true;
  }
  // Whether batches may wait that nobody has looked for since the last call.
  bool stash_take_touched() {
    return stash_touched.load(std::memory_order_relaxed) &&
           stash_touched.exchange(false, std::memory_order_acquire);
  }
  Batch* stash_pop(BatchPool& pool, size_t size_class) {
    Batch* batch = stashes[size_class].pop(pool);
    if (batch == nullptr) return nullptr;
    const auto bytes = static_cast<int64_t>(batch->count * size_t{kSizeClasses[size_class].size});
    stash_bytes.fetch_sub(bytes, std::memory_order_relaxed);
    return batch;
  }
  uint32_t stash_pop_all(BatchPool& pool, size_t size_class) {
    if (stashes[size_class].looks_empty()) return 0;  // and stays untouched
    const auto [chain, blocks] = stashes[size_class].pop_all(pool);
    const auto bytes = static_cast<int64_t>(blocks * size_t{kSizeClasses[size_class].size});
    stash_bytes.fetch_sub(bytes, std::memory_order_relaxed);
    return chain;
  }
  void stash_put_back(BatchPool& pool, size_t size_class, Batch* batch) {
    const auto bytes = static_cast<int64_t>(batch->count * size_t{kSizeClasses[size_class].size});
    stashes[size_class].put(pool, batch);
    stash_bytes.fetch_add(bytes, std::memory_order_relaxed);
    stash_touched.exchange(true, std::memory_order_release);
  }

  // In a fork child: the thread was changing the cache, whose blocks are given up.
  bool is_lost() const { return state.load(std::memory_order_relaxed) == kLost; }
  bool is_active() const { return state.load(std::memory_order_relaxed) == kActive; }
  // Has a thread that may soon drain what is pushed to it. (A guess: what is pushed to one that
  // does not is drained at the background thread's next look.)
  bool is_awake() const { return is_active() && !emptied.load(std::memory_order_relaxed); }
  // Its first part is there, and may be looked at: neither lost nor forgotten. (Acquire: pairs with
  // attach().)
  bool is_in_use() const {
    const uint32_t now = state.load(std::memory_order_acquire);
    return now == kActive || now == kRetired;
  }
};

// All owners, by index. Index 0 is nobody: the counters of threads that have no cache.
class Owners {
 public:
  constexpr explicit Owners(Arena& arena) : arena_(arena) {}

  bool init();
  // A retired owner, or a new one; null when there is no memory for one. `current`, where the
  // caller keeps its owner, is set before the record counts as in use: a fork child is to know
  // whose it is.
  Owner* attach(Shared& shared, Owner** current = nullptr);
  // The cache must be empty.
  void retire(Owner& owner);
  // Gives back the memory of retired owners that the background thread has not seen used since
  // `since_ms`, a bounded number at a time. True: there may be more. By that thread.
  bool forget_retired(uint64_t since_ms);
  // While it is held no owner comes, goes or is forgotten.
  [[nodiscard]] LockGuard hold() { return LockGuard(lock_); }

  Owner& at(uint32_t id) { return reinterpret_cast<Owner*>(arena_.owners().base())[id]; }
  Owner& nobody() { return at(0); }
  uint32_t count() const { return count_.load(std::memory_order_acquire); }
  uint32_t active() const { return active_.load(std::memory_order_relaxed); }
  // Whether a thread that comes finds a record made.
  bool has_unused() const { return count() > active() + 1; }
  // Those of them that are not asleep, as far as the background thread knows; between two of its
  // looks, those that come and those that wake up are added.
  uint32_t awake() const { return std::min(active(), awake_.load(std::memory_order_relaxed)); }
  void set_awake(uint32_t count) { awake_.store(count, std::memory_order_relaxed); }
  void add_awake() { awake_.fetch_add(1, std::memory_order_relaxed); }
  uint64_t adopted() const { return adopted_.load(std::memory_order_relaxed); }

  // In a fork child: every owner but `survivor` (which may be null) has lost its thread. Put off
  // while this thread is itself in attach() or retire(), to which it may return.
  void reset_after_fork(Owner* survivor);
  // In a fork child whose thread was inside and has returned from there; or will not, and then its
  // cache, if it has one, may be half-changed.
  void settle_fork(Owner* survivor);
  void give_up(Owner* owner);
  bool is_mine() const { return lock_.is_mine(); }

 private:
  uint32_t& forgotten(uint32_t index) {
    return reinterpret_cast<uint32_t*>(arena_.forgotten_owners().base())[index];
  }
  bool forget(Owner& owner);

  Arena& arena_;
  Lock lock_;
  uint32_t retired_ = 0;            // newest retired owner, 0: none
  uint32_t forgotten_count_ = 0;    // ids whose records are zeros again
  bool put_off_ = false;            // reset_after_fork()
  bool in_child_ = false;           // of a fork
  std::atomic<uint32_t> count_{0};  // records made
  std::atomic<uint32_t> active_{0};
  std::atomic<uint32_t> awake_{0};
  std::atomic<uint64_t> adopted_{0};
};

}  // namespace tamari
