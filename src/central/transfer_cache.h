// transfer_cache.h - full batches on their way between thread caches and the central lists.
// Lock-free: a batch goes in or out by one compare-and-swap, whatever it holds. The tick sends on
// what nobody wanted since the last one. Counts are relaxed: the limit may be overshot by a batch a
// thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "central/batch.h"
#include "config/size_classes.h"

namespace tamari {

class TransferCache {
 public:
  // What one user has moved without telling the others: an exchange then writes to no line that
  // other classes use. One per thread cache.
  class Account {
   public:
    static constexpr int64_t kMost = 65536;  // bytes

   private:
    friend class TransferCache;
    int64_t pending_ = 0;
  };

  constexpr explicit TransferCache(BatchPool& pool) : pool_(pool) {}

  // False, and the batch stays the caller's, when the cache would hold more than `limit` bytes.
  bool insert(size_t size_class, Batch* batch, size_t limit, Account& account) {
    const auto bytes = static_cast<int64_t>(size_t{batch->count} * kSizeClasses[size_class].size);
    const int64_t known = bytes_.load(std::memory_order_relaxed) + account.pending_;
    if (known + bytes > static_cast<int64_t>(std::min<size_t>(limit, INT64_MAX))) return false;
    move(account, bytes);
    Shelf& shelf = shelves_[size_class];
    shelf.batches.fetch_add(1, std::memory_order_relaxed);
    shelf.stack.push(pool_, pool_.index_of(batch));
    return true;
  }

  // A batch with at least one block, or null.
  Batch* remove(size_t size_class, Account& account) {
    Shelf& shelf = shelves_[size_class];
    const uint32_t index = shelf.stack.pop(pool_);
    if (index == 0) return nullptr;
    Batch* batch = pool_.at(index);
    const int32_t left = shelf.batches.fetch_sub(1, std::memory_order_relaxed) - 1;
    if (left < shelf.least.load(std::memory_order_relaxed))
      shelf.least.store(left, std::memory_order_relaxed);
    move(account, -static_cast<int64_t>(size_t{batch->count} * kSizeClasses[size_class].size));
    return batch;
  }

  // How many batches of the class nobody has needed since the last call. One caller at a time.
  size_t take_unneeded(size_t size_class) {
    Shelf& shelf = shelves_[size_class];
    const int32_t now = shelf.batches.load(std::memory_order_relaxed);
    const int32_t least = shelf.least.exchange(now, std::memory_order_relaxed);
    return static_cast<size_t>(std::max(0, std::min(least, now)));
  }

  // Tells the others. Before the account's owner leaves.
  void settle(Account& account) {
    bytes_.fetch_add(account.pending_, std::memory_order_relaxed);
    account.pending_ = 0;
  }

  // All but what the accounts still keep to themselves.
  size_t bytes() const {
    return static_cast<size_t>(std::max<int64_t>(bytes_.load(std::memory_order_relaxed), 0));
  }

 private:
  void move(Account& account, int64_t bytes) {
    account.pending_ += bytes;
    if (account.pending_ > Account::kMost || account.pending_ < -Account::kMost) settle(account);
  }

  struct alignas(TAMARI_CACHE_LINE) Shelf {
    BatchStack<std::atomic<uint64_t>> stack;
    std::atomic<int32_t> batches{0};
    std::atomic<int32_t> least{0};
  };

  BatchPool& pool_;
  std::atomic<int64_t> bytes_{0};
  Shelf shelves_[kClassCount];
};

}  // namespace tamari
