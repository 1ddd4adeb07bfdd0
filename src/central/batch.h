// batch.h - a batch: an array of pointers to free blocks of one size class. The unit in which
// blocks cross threads, and the array under each thread cache's class.
//
// The pool owns all batches for the life of the process, named by 32-bit indices (0: none), so that
// a stack of them can carry a tag against ABA in one word and a stalled reader never reads unmapped
// memory. Taking and returning a batch is lock-free except when the pool has to grow. Empty batches
// rest in several homes, so that threads which exchange batches all the time do not meet there.
//
// An OS page whose batches have all been free for a while is given back: they read as empty ones
// then, and are listed by their group, which is lent again before a batch is made.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "central/batch_stack.h"
#include "pages/arena.h"
#include "platform/lock.h"

namespace tamari {

using Slot = std::atomic<void*>;

constexpr size_t kBatchCapacity = 62;

struct Batch {
  std::atomic<uint32_t> next;  // the batch below in a stack
  uint32_t count;              // blocks in slots[0, count), while the batch is in no thread cache
  Slot floor;                  // null in an array: a pop from an empty one reads it
  Slot slots[kBatchCapacity];
};
static_assert(sizeof(Batch) == 512);

// What the pool knows of the batches of one OS page; and, as the i-th entry, a number of a group.
struct BatchGroup {
  uint32_t unneeded;    // as trim() counts them
  uint32_t given_back;  // the i-th group of those that trim() gave back
};

class BatchPool {
 public:
  constexpr explicit BatchPool(Arena& arena) : arena_(arena) {}

  // An empty batch, or null when the kernel gives no memory for one. `user`: any number that seldom
  // is another thread's too; its home is looked at first.
  Batch* acquire(uint32_t user);
  void release(Batch* batch, uint32_t user) {
    batch->count = 0;  // needed a moment ago
    home_of(user).push(*this, index_of(batch));
  }
  // Gives back OS pages of batches that nobody has needed since the last call, or with `all` of any
  // free ones. Returns bytes given back. A child forked meanwhile has lost the free batches, 512
  // bytes each.
  size_t trim(bool all);

  Batch* at(uint32_t index) { return reinterpret_cast<Batch*>(arena_.batches().base()) + index; }
  uint32_t index_of(const Batch* batch) {
    return static_cast<uint32_t>(batch - reinterpret_cast<Batch*>(arena_.batches().base()));
  }
  std::atomic<uint32_t>& next(uint32_t index) { return at(index)->next; }  // for BatchStack

  // Calls visit(block) for the blocks of at most `most` batches from `index` down, while others may
  // take them: then it sees blocks that are elsewhere by now, but nothing that is no block.
  template <class Visit>
  void look_through(uint32_t index, size_t most, Visit visit) {
    for (; index != 0 && most > 0; --most) {
      const Batch* batch = at(index);
      const size_t count = count_seen(*batch);  // that of a free one may be kUnneeded
      for (size_t i = 0; count <= kBatchCapacity && i < count; ++i) {
        const void* block = batch->slots[i].load(std::memory_order_relaxed);
        if (block != nullptr) visit(block);
      }
      index = batch->next.load(std::memory_order_relaxed);
    }
  }

  bool is_mine() const { return lock_.is_mine(); }
  void reset_after_fork(Whose whose) { lock_.reset_after_fork(whose); }

 private:
  using Stack = BatchStack<std::atomic<uint64_t>>;
  struct alignas(TAMARI_APART) Home {
    Stack free;
  };
  static constexpr uint32_t kHomes = 16;
  // The count of a free batch that trim() has seen.
  static constexpr uint32_t kUnneeded = kBatchCapacity + 1;

  Stack& home_of(uint32_t user) { return homes_[user % kHomes].free; }
  uint32_t pop(uint32_t user);
  static size_t count_seen(const Batch& batch);
  static uint32_t group_size() { return static_cast<uint32_t>(os::page_size() / sizeof(Batch)); }
  BatchGroup& group(uint32_t index) {
    return reinterpret_cast<BatchGroup*>(arena_.batch_groups().base())[index];
  }
  void count_unneeded(uint32_t chain, bool all);
  void keep_needed(Stack& home, uint32_t chain);
  bool give_back(uint32_t first, uint32_t count);
  void push_range(Stack& home, uint32_t first, uint32_t count);

  Arena& arena_;
  Home homes_[kHomes];
  Lock lock_;
  uint32_t made_ = 1;        // index 0 means none
  uint32_t given_back_ = 0;  // groups
};

}  // namespace tamari
