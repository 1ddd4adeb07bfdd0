// central_lists.h - the central lists of all classes. Of each class of blocks below a cache line
// there are several: such blocks do not pass by the transfer cache while threads share lines, and
// in one list threads that grow and drop many of them would meet. An owner takes from its own list,
// and a block goes back to the list of its span.
#pragma once

#include <cstddef>
#include <cstdint>

#include "central/central_list.h"

namespace tamari {

class CentralLists {
 public:
  void init(PageHeap& heap, LineOwnersPool& lines);

  // As those of CentralList. A list that has none left adopts a span of another where much is free;
  // its blocks are taken only when there is no memory.
  CentralList::Removed remove(size_t size_class, Slot* out, size_t wanted, uint32_t owner,
                              CentralList::Wish wish = CentralList::Wish::kMany);
  void* insert(size_t size_class, const Slot* blocks, size_t count);

  uint32_t owner_of(size_t size_class, const void* block) const {
    return lists_[size_class].owner_of(block);
  }
  bool holds(size_t size_class, const void* block) const { return lists_[size_class].holds(block); }

  // Whose list has the span at `page`, which is one of this class, or was a moment ago.
  CentralList& of_span(size_t size_class, size_t page);

  CentralList* begin() { return lists_ + 1; }  // class 0 has none
  CentralList* end() { return lists_ + kLists; }
  const CentralList* begin() const { return lists_ + 1; }
  const CentralList* end() const { return lists_ + kLists; }

 private:
  static constexpr size_t kShards = 8;
  static constexpr size_t kLineClasses = kLineBytes / kMinAlignment - 1;  // from class 1 on
  static_assert(kSizeClasses[kLineClasses].size < kLineBytes &&
                kSizeClasses[kLineClasses + 1].size >= kLineBytes);
  static constexpr size_t kLists = kClassCount + (kShards - 1) * kLineClasses;
  static constexpr size_t kMuchFree = 2;  // spans

  static size_t shards_of(size_t size_class) { return size_class <= kLineClasses ? kShards : 1; }
  CentralList& list(size_t size_class, size_t shard) {
    return lists_[shard == 0 ? size_class
                             : kClassCount + (shard - 1) * kLineClasses + size_class - 1];
  }

  PageHeap* heap_ = nullptr;
  CentralList lists_[kLists];
};

}  // namespace tamari
