#include "central/batch.h"

namespace tamari {

// From the user's home, or else from any other.
uint32_t BatchPool::pop(uint32_t user) {
  uint32_t index = 0;
  for (uint32_t i = 0; i < kHomes && index == 0; ++i) index = home_of(user + i).pop(*this);
  return index;
}

Batch* BatchPool::acquire(uint32_t user) {
  uint32_t index = pop(user);
  if (index != 0) return at(index);
  LockGuard guard(lock_);
  index = pop(user);  // trim() may have had them all
  if (index != 0) return at(index);
  if (given_back_ != 0) {
    const uint32_t first = group(--given_back_).given_back * group_size();
    push_range(home_of(user), first + 1, group_size() - 1);
    return at(first);
  }
  if (!arena_.batches().commit(made_ + 1)) return nullptr;
  return at(made_++);
}

// Free batches, whose counts are zero.
void BatchPool::push_range(Stack& home, uint32_t first, uint32_t count) {
  for (uint32_t i = first; i + 1 < first + count; ++i)
    next(i).store(i + 1, std::memory_order_relaxed);
  home.push_chain(*this, first, first + count - 1);
}

// How many of each group are unneeded, as far as they are in the chain.
void BatchPool::count_unneeded(uint32_t chain, bool all) {
  for (uint32_t i = chain; i != 0; i = next(i).load(std::memory_order_relaxed)) {
    if (all || at(i)->count == kUnneeded) ++group(i / group_size()).unneeded;
    at(i)->count = kUnneeded;
  }
}

// Puts back what belongs to groups of which not all are unneeded.
void BatchPool::keep_needed(Stack& home, uint32_t chain) {
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
  if (first != 0) home.push_chain(*this, first, last);
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
  for (uint32_t i = 0; i <= groups; ++i) group(i).unneeded = 0;
  uint32_t chains[kHomes];
  for (uint32_t i = 0; i < kHomes; ++i) count_unneeded(chains[i] = home_of(i).pop_all(), all);
  for (uint32_t i = 0; i < kHomes; ++i) keep_needed(home_of(i), chains[i]);
  size_t bytes = 0;
  for (uint32_t first = 0; first < groups;) {
    uint32_t count = 0;
    while (first + count < groups && group(first + count).unneeded == group_size()) ++count;
    if (count == 0) {
      ++first;
    } else if (give_back(first, count)) {
      bytes += count * os::page_size();
    } else {
      push_range(home_of(0), first * group_size(), count * group_size());
    }
    first += count;
  }
  return bytes;
}

TAMARI_RACY_READ size_t BatchPool::count_seen(const Batch& batch) { return batch.count; }

}  // namespace tamari
