// central_lists.h - the central lists of all classes. Of a class up to 1 KiB each shard has its own
// once it is split: below a cache line always, as such blocks pass by the transfer cache while
// threads share lines; else when threads have met in its one list. An owner takes from its shard's,
// and a block goes back to the list of its span. A shard's lists are made with its first owner: a
// program of one thread has one of each class.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "central/central_list.h"
#include "central/shards.h"

namespace tamari {

class CentralLists {
 public:
  static constexpr size_t kMostSharded = 1024;  // bytes of a block
  static constexpr size_t kShardedClasses = [] {
    size_t c = 0;
    while (kSizeClasses[c + 1].size <= kMostSharded) ++c;
    return c;
  }();
  static_assert(kSizeClasses[kShardedClasses].span_pages == 1, "a block's page is its span's");
  static constexpr size_t kLists = kClassCount + (kShards - 1) * kShardedClasses;

  // `lists`: kLists of them, untouched until they are made.
  constexpr explicit CentralLists(CentralList* lists) : lists_(lists) {}

  void init(PageHeap& heap, LineOwnersPool& lines);
  // Makes the own lists of an owner whose record is new. One caller at a time.
  void open(uint32_t owner);

  // As those of CentralList. A list that has none left makes a span of pages that lie free in the
  // heap, or else adopts one of another list where much is free, before the heap takes more pages
  // into use; others' blocks are taken only when there is no memory.
  CentralList::Removed remove(size_t size_class, Slot* out, size_t wanted, uint32_t owner,
                              CentralList::Wish wish = CentralList::Wish::kMany);
  // May change their order.
  void* insert(size_t size_class, Slot* blocks, size_t count);

  uint32_t owner_of(size_t size_class, const void* block) const {
    return lists_[size_class].owner_of(block);
  }
  bool holds(size_t size_class, const void* block) const { return lists_[size_class].holds(block); }
  // Whether each shard has a list of the class for itself. Once it has, it stays so.
  bool is_split(size_t size_class) const {
    return size_class <= kShardedClasses &&
           (kSizeClasses[size_class].size < kLineBytes || lists_[size_class].is_crowded());
  }

  // Whose list has the span at `page`, which is one of this class, or was a moment ago.
  CentralList& of_span(size_t size_class, size_t page);

  CentralList* begin() { return lists_ + 1; }  // class 0 has none
  CentralList* end() { return lists_ + count(); }
  const CentralList* begin() const { return lists_ + 1; }
  const CentralList* end() const { return lists_ + count(); }

 private:
  static constexpr size_t kMuchFree = 2;  // spans

  size_t open_shards() const { return open_.load(std::memory_order_acquire); }
  size_t shards_of(size_t size_class) const { return is_split(size_class) ? open_shards() : 1; }
  size_t count() const { return kClassCount + (open_shards() - 1) * kShardedClasses; }
  static size_t id_of(size_t size_class, size_t shard) {
    return shard == 0 ? size_class : kClassCount + (shard - 1) * kShardedClasses + size_class - 1;
  }
  CentralList& list(size_t size_class, size_t shard) { return lists_[id_of(size_class, shard)]; }
  void make(size_t size_class, size_t shard);

  CentralList& of_block(size_t size_class, const void* block);
  void gather(size_t size_class, Slot* blocks, size_t count);

  PageHeap* heap_ = nullptr;
  LineOwnersPool* lines_ = nullptr;
  std::atomic<size_t> open_{1};  // shards
  CentralList* lists_;
};

}  // namespace tamari
