#include "central/central_lists.h"

namespace tamari {

void CentralLists::init(PageHeap& heap, LineOwnersPool& lines) {
  heap_ = &heap;
  for (size_t c = 1; c < kClassCount; ++c) {
    for (size_t shard = 0; shard < shards_of(c); ++shard)
      list(c, shard).init(heap, lines, c, static_cast<uint8_t>(shard));
  }
}

CentralList& CentralLists::of_span(size_t size_class, size_t page) {
  if (size_class > kLineClasses) return lists_[size_class];
  return list(size_class, heap_->arena().span(page).shard.load(std::memory_order_relaxed));
}

CentralList::Removed CentralLists::remove(size_t size_class, Slot* out, size_t wanted,
                                          uint32_t owner, CentralList::Wish wish) {
  using Spans = CentralList::Spans;
  const size_t shards = shards_of(size_class);
  CentralList& own = list(size_class, owner % shards);
  const auto other = [&](size_t i) -> CentralList& {
    return list(size_class, (owner + i) % shards);
  };
  const size_t much = kMuchFree * kSizeClasses[size_class].block_count;
  for (size_t i = 1; i < shards && own.free_blocks() == 0; ++i) {
    if (other(i).free_blocks() >= much) own.adopt_span(other(i));
  }
  CentralList::Removed removed = own.remove(out, wanted, owner, Spans::kThereOrNew, wish);
  for (size_t i = 1; i < shards && removed.blocks == 0; ++i) {
    if (other(i).free_blocks() != 0) removed = other(i).remove(out, wanted, owner, Spans::kThere);
  }
  return removed;
}

void* CentralLists::insert(size_t size_class, const Slot* blocks, size_t count) {
  CentralList::Inserted inserted;
  for (size_t done = 0; done < count && inserted.twice == nullptr; done += inserted.blocks) {
    const void* block = blocks[done].load(std::memory_order_relaxed);
    inserted = of_span(size_class, heap_->arena().map().page_of(block))
                   .insert(blocks + done, count - done);
  }
  return inserted.twice;
}

}  // namespace tamari
