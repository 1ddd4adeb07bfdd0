// stash.h - blocks of one owner and size class that other threads freed, waiting in batches.
// Any thread pushes; the owner drains on an allocation miss; the background thread drains for
// owners that sleep or are gone, so nothing here depends on a particular thread running again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "central/batch.h"

namespace tamari {

class alignas(TAMARI_CACHE_LINE) Stash {
 public:
  // False, and the batch stays the caller's, when more than `limit` blocks would wait. The count is
  // relaxed: simultaneous pushers may overshoot by a batch each.
  bool push(BatchPool& pool, Batch* batch, size_t limit) {
    if (blocks_.load(std::memory_order_relaxed) + batch->count > limit) return false;
    put(pool, batch);
    return true;
  }

  // Puts back what a drain did not want, whatever the limit.
  void put(BatchPool& pool, Batch* batch) {
    blocks_.fetch_add(batch->count, std::memory_order_relaxed);
    stack_.push(pool, pool.index_of(batch));
  }

  Batch* pop(BatchPool& pool) {
    const uint32_t index = stack_.pop(pool);
    if (index == 0) return nullptr;
    Batch* batch = pool.at(index);
    blocks_.fetch_sub(batch->count, std::memory_order_relaxed);
    return batch;
  }

  // Everything, as a chain from the newest (0: nothing), and how much that is.
  struct All {
    uint32_t chain;
    uint32_t blocks;
  };
  All pop_all(BatchPool& pool) {
    const uint32_t chain = stack_.pop_all();
    uint32_t blocks = 0;
    for (uint32_t at = chain; at != 0; at = pool.next(at).load(std::memory_order_relaxed)) {
      blocks += pool.at(at)->count;
    }
    blocks_.fetch_sub(blocks, std::memory_order_relaxed);
    return {chain, blocks};
  }

  // Calls visit(block) for what waits, for a report.
  template <class Visit>
  void for_each(BatchPool& pool, Visit visit) const {
    pool.look_through(stack_.look(), waiting(), visit);
  }

  bool looks_empty() const { return stack_.looks_empty(); }
  size_t waiting() const { return blocks_.load(std::memory_order_relaxed); }

 private:
  BatchStack<std::atomic<uint64_t>> stack_;
  std::atomic<uint32_t> blocks_{0};
};

}  // namespace tamari
