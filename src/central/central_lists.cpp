#include "central/central_lists.h"

#include <algorithm>

namespace tamari {

void CentralLists::init(PageHeap& heap, LineOwnersPool& lines) {
  heap_ = &heap;
  lines_ = &lines;
  for (size_t c = 1; c < kClassCount; ++c) make(c, 0);
}

void CentralLists::make(size_t size_class, size_t shard) {
  const size_t id = id_of(size_class, shard);
  lists_[id].init(*heap_, *lines_, size_class, static_cast<uint16_t>(id));
}

void CentralLists::open(uint32_t owner) {
  for (size_t shard = open_shards(); shard < std::min<size_t>(owner, kShards); ++shard) {
    for (size_t c = 1; c <= kShardedClasses; ++c) make(c, shard);
    open_.store(shard + 1, std::memory_order_release);
  }
}

CentralList& CentralLists::of_span(size_t size_class, size_t page) {
  if (!is_split(size_class)) return lists_[size_class];
  // Acquire: the list was made before any span became its own. One of another class: the block was
  // freed twice, which the list of its own class finds out.
  CentralList& list = lists_[heap_->arena().span(page).list.load(std::memory_order_acquire)];
  return list.size_class() == size_class ? list : lists_[size_class];
}

CentralList& CentralLists::of_block(size_t size_class, const void* block) {
  return of_span(size_class, heap_->arena().map().page_of(block));
}

CentralList::Removed CentralLists::remove(size_t size_class, Slot* out, size_t wanted,
                                          uint32_t owner, CentralList::Wish wish) {
  using Spans = CentralList::Spans;
  const size_t shards = shards_of(size_class);
  const size_t shard = shards == 1 ? 0 : shard_of(owner);
  CentralList& own = list(size_class, shard);
  const auto other = [&](size_t i) -> CentralList& {
    return list(size_class, (shard + i) % shards);
  };
  const size_t much = kMuchFree * kSizeClasses[size_class].block_count;
  for (size_t i = 1; i < shards && own.free_blocks() == 0 && heap_->dirty_pages() == 0; ++i) {
    if (other(i).free_blocks() >= much) own.adopt_span(other(i));
  }
  CentralList::Removed removed = own.remove(out, wanted, owner, Spans::kThereOrNew, wish);
  for (size_t i = 1; i < shards && removed.blocks == 0; ++i) {
    if (other(i).free_blocks() != 0) removed = other(i).remove(out, wanted, owner, Spans::kThere);
  }
  return removed;
}

void* CentralLists::insert(size_t size_class, Slot* blocks, size_t count) {
  for (size_t done = 0; done < count;) {
    CentralList& list = of_block(size_class, blocks[done].load(std::memory_order_relaxed));
    const CentralList::Inserted inserted = list.insert(blocks + done, count - done);
    if (inserted.twice != nullptr) return inserted.twice;
    done += inserted.blocks;
    if (done < count) gather(size_class, blocks + done, count - done);
  }
  return nullptr;
}

// Brings the blocks that go into the same list as the first to the front: it is entered once.
void CentralLists::gather(size_t size_class, Slot* blocks, size_t count) {
  const CentralList& list = of_block(size_class, blocks[0].load(std::memory_order_relaxed));
  size_t gathered = 1;
  for (size_t i = 1; i < count; ++i) {
    void* block = blocks[i].load(std::memory_order_relaxed);
    if (&of_block(size_class, block) != &list) continue;
    blocks[i].store(blocks[gathered].load(std::memory_order_relaxed), std::memory_order_relaxed);
    blocks[gathered++].store(block, std::memory_order_relaxed);
  }
}

}  // namespace tamari
