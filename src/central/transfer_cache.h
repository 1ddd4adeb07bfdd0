// transfer_cache.h - full batches on their way between thread caches and the central lists.
// Each shard of owners has a shelf for each class, and looks at others' when its own is empty.
// Lock-free: a batch goes in or out by one compare-and-swap, whatever it holds. The tick sends on
// what nobody wanted since the last one. Counts are relaxed: the limit may be overshot by a batch a
// thread.
//
// Small and medium classes are counted apart. Batches come back in no order of addresses, so what
// small blocks gain by a short way they lose by scattered memory: only few may wait here. Medium
// blocks have no neighbours in their OS page.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "central/batch.h"
#include "central/shards.h"
#include "config/size_classes.h"

namespace tamari {

// Where batches of one class wait.
struct Shelf {
  BatchStack<std::atomic<uint64_t>> stack;
  std::atomic<int32_t> batches{0};
  std::atomic<int32_t> least{0};  // since unneeded() was asked

  size_t unneeded() {
    const int32_t now = batches.load(std::memory_order_relaxed);
    if (now == least.load(std::memory_order_relaxed)) return static_cast<size_t>(std::max(now, 0));
    const int32_t before = least.exchange(now, std::memory_order_relaxed);
    return static_cast<size_t>(std::max(0, std::min(before, now)));
  }
};

struct alignas(TAMARI_APART) ShelvesOfShard {
  Shelf of_class[kClassCount];
};

class TransferCache {
 public:
  // Of one user, by whose shard it looks first. What it has moved without telling the others: an
  // exchange then writes to no line that other shards use. One per thread cache.
  class Account {
   public:
    static constexpr int64_t kMost = 65536;  // bytes

    constexpr explicit Account(uint32_t owner = 0) : shard_(shard_of(owner)) {}

   private:
    friend class TransferCache;
    size_t shard_;
    int64_t pending_[2] = {};
  };

  enum class From { kOwnShard, kAnyShard };

  // 0 for small classes, 1 for medium ones.
  static size_t tier_of(size_t size_class) {
    return kSizeClasses[size_class].size > kSmallBlockBytes ? 1 : 0;
  }

  // `shelves`: kShards of them, untouched until they are used.
  constexpr TransferCache(BatchPool& pool, ShelvesOfShard* shelves)
      : pool_(pool), shelves_(shelves) {}

  // False, and the batch stays the caller's, when the cache would hold more than `limit` bytes of
  // such classes.
  bool insert(size_t size_class, Batch* batch, size_t limit, Account& account) {
    const auto bytes = static_cast<int64_t>(size_t{batch->count} * kSizeClasses[size_class].size);
    const size_t tier = tier_of(size_class);
    const int64_t known = bytes_[tier].load(std::memory_order_relaxed) + account.pending_[tier];
    if (known + bytes > static_cast<int64_t>(std::min<size_t>(limit, INT64_MAX))) return false;
    move(account, tier, bytes);
    if (TAMARI_UNLIKELY(account.shard_ >= used_shards())) note_used(account.shard_);
    Shelf& shelf = shelves_[account.shard_].of_class[size_class];
    shelf.batches.fetch_add(1, std::memory_order_relaxed);
    shelf.stack.push(pool_, pool_.index_of(batch));
    return true;
  }

  // A batch with at least one block, the user's shard's before others', or null.
  Batch* remove(size_t size_class, Account& account, From from = From::kAnyShard) {
    Batch* batch = take(shelves_[account.shard_].of_class[size_class], size_class, account);
    if (batch != nullptr || from == From::kOwnShard) return batch;
    const size_t used = used_shards();
    const size_t others = account.shard_ < used ? used - 1 : used;
    for (size_t i = 1; i <= others && batch == nullptr; ++i)
      batch = take(shelves_[(account.shard_ + i) % used].of_class[size_class], size_class, account);
    return batch;
  }

  // Calls visit(batch) for those of the class that nobody has needed since the last call, or for
  // `all`; they are the caller's. One caller at a time.
  template <class Visit>
  void drain(size_t size_class, bool all, Account& account, Visit visit) {
    for (size_t shard = 0; shard < used_shards(); ++shard) {
      Shelf& shelf = shelves_[shard].of_class[size_class];
      for (size_t left = all ? SIZE_MAX : shelf.unneeded(); left > 0; --left) {
        Batch* batch = take(shelf, size_class, account);
        if (batch == nullptr) break;
        visit(batch);
      }
    }
  }

  // Calls visit(block) for what waits of the class, for a report.
  template <class Visit>
  void for_each(size_t size_class, Visit visit) {
    for (size_t shard = 0; shard < used_shards(); ++shard) {
      const Shelf& shelf = shelves_[shard].of_class[size_class];
      const int32_t batches = shelf.batches.load(std::memory_order_relaxed);
      pool_.look_through(shelf.stack.look(), static_cast<size_t>(std::max(batches, 0)), visit);
    }
  }

  // Tells the others. Before the account's owner leaves.
  void settle(Account& account) {
    settle(account, 0);
    settle(account, 1);
  }

  // All but what the accounts still keep to themselves.
  size_t bytes() const {
    const int64_t sum =
        bytes_[0].load(std::memory_order_relaxed) + bytes_[1].load(std::memory_order_relaxed);
    return static_cast<size_t>(std::max<int64_t>(sum, 0));
  }

 private:
  void move(Account& account, size_t tier, int64_t bytes) {
    const int64_t pending = account.pending_[tier] += bytes;
    if (pending > Account::kMost || pending < -Account::kMost) settle(account, tier);
  }
  void settle(Account& account, size_t tier) {
    bytes_[tier].fetch_add(account.pending_[tier], std::memory_order_relaxed);
    account.pending_[tier] = 0;
  }

  Batch* take(Shelf& shelf, size_t size_class, Account& account) {
    const uint32_t index = shelf.stack.pop(pool_);
    if (index == 0) return nullptr;
    Batch* batch = pool_.at(index);
    const int32_t left = shelf.batches.fetch_sub(1, std::memory_order_relaxed) - 1;
    if (left < shelf.least.load(std::memory_order_relaxed))
      shelf.least.store(left, std::memory_order_relaxed);
    move(account, tier_of(size_class),
         -static_cast<int64_t>(size_t{batch->count} * kSizeClasses[size_class].size));
    return batch;
  }

  size_t used_shards() const { return used_shards_.load(std::memory_order_relaxed); }
  void note_used(size_t shard) {
    size_t used = used_shards();
    while (used <= shard &&
           !used_shards_.compare_exchange_weak(used, shard + 1, std::memory_order_relaxed)) {
    }
  }

  BatchPool& pool_;
  ShelvesOfShard* shelves_;
  std::atomic<size_t> used_shards_{1};  // those from here on are untouched
  alignas(TAMARI_APART) std::atomic<int64_t> bytes_[2] = {};
};

}  // namespace tamari
