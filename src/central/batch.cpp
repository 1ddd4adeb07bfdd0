#include "central/batch.h"

namespace tamari {

Batch* BatchPool::acquire() {
  uint32_t index = free_.pop(*this);
  if (index != 0) return at(index);
  LockGuard guard(lock_);
  index = free_.pop(*this);  // trim() may have had them all
  if (index != 0) return at(index);
  if (given_back_ != 0) {
    const uint32_t first = group(--given_back_).given_back * group_size();
    push_range(first + 1, group_size() - 1);
    return at(first);
  }
  if (!arena_.batches().commit(made_ + 1)) return nullptr;
  return at(made_++);
}

// Free batches, whose counts are zero.
void BatchPool::push_range(uint32_t first, uint32_t count) {
  for (uint32_t i = first; i + 1 < first + count; ++i)
    next(i).store(i + 1, std::memory_order_relaxed);
  free_.push_chain(*this, first, first + count - 1);
}

// Counts how many of each group in the chain are unneeded, and puts back what belongs to groups of
// which not all are.
void BatchPool::keep_needed(uint32_t chain, bool all) {
  for (uint32_t i = 0; i <= made_ / group_size(); ++i) group(i).unneeded = 0;
  for (uint32_t i = chain; i != 0; i = next(i).load(std::memory_order_relaxed)) {
    if (all || at(i)->count == kUnneeded) ++group(i / group_size()).unneeded;
    at(i)->count = kUnneeded;
  }
  uint32_t first = 0;
  uint32_t last = 0;
  while (chain != 0) {
    const uint32_t index = chain;
    chain = next(index).load(std::memory_order_relaxed);
    if (group(index / group_size()).unneeded == group_size()) continue;
    if (first == 0) {
      first = index;
    } else {
      next(last).store(index, std::memory_order_relaxed);
    }
    last = index;
  }
  if (first != 0) free_.push_chain(*this, first, last);
}

// Groups whose batches nobody else can see. False: the kernel does not take them back.
bool BatchPool::give_back(uint32_t first, uint32_t count) {
  if (!os::purge(at(first * group_size()), count * os::page_size())) return false;
  for (uint32_t i = 0; i < count; ++i) {
    group(given_back_).given_back = first + i;
    std::atomic_signal_fence(std::memory_order_release);  // a fork child may see any prefix of this
    ++given_back_;
  }
  return true;
}

// Who finds no batch meanwhile waits at the lock for those that are kept.
size_t BatchPool::trim(bool all) {
  LockGuard guard(lock_);
  const uint32_t groups = made_ / group_size();  // that are whole
  if (!arena_.batch_groups().commit(groups + 1)) return 0;
  keep_needed(free_.pop_all(), all);
  size_t bytes = 0;
  for (uint32_t first = 0; first < groups;) {
    uint32_t count = 0;
    while (first + count < groups && group(first + count).unneeded == group_size()) ++count;
    if (count == 0) {
      ++first;
    } else if (give_back(first, count)) {
      bytes += count * os::page_size();
    } else {
      push_range(first * group_size(), count * group_size());
    }
    first += count;
  }
  return bytes;
}

TAMARI_RACY_READ size_t BatchPool::count_seen(const Batch& batch) { return batch.count; }

}  // namespace tamari
