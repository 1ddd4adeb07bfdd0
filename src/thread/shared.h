// shared.h - what all thread caches share: the stores behind them, and who owns what.
// The heap makes one; a test makes its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "central/batch.h"
#include "central/central_lists.h"
#include "central/transfer_cache.h"
#include "config/counters.h"
#include "config/tunables.h"
#include "pages/page_heap.h"

namespace tamari {

class Owners;

// Of a block that turned out to be freed twice when it reached its span. The heap's, or a test's
// own: by name, as no pointer to code is to lie where it can be overwritten.
[[noreturn]] TAMARI_SLOW void report_double_free(void* block);

// What most programs use little of: zeros until then, and no part of the library's file.
struct Room {
  ShelvesOfShard shelves[kShards];
  CentralList lists[CentralLists::kLists];
};

struct Shared {
  static constexpr uint32_t kNobody = 0;  // as a user of the pool of batches

  constexpr Shared(Arena& arena_used, Tunables& tunables_used, Owners& owners_used, Room& room)
      : arena(arena_used),
        tunables(tunables_used),
        owners(owners_used),
        pages(arena),
        lines(arena),
        batches(arena),
        transfer(batches, room.shelves),
        central(room.lists) {}

  Arena& arena;
  Tunables& tunables;
  Owners& owners;
  PageHeap pages;
  LineOwnersPool lines;
  BatchPool batches;
  TransferCache transfer;
  CentralLists central;

  void init() { central.init(pages, lines); }

  // All caches together may hold their fixed bytes and `cache_share` per cent of the heap in use:
  // half of that for the transfer cache's medium blocks, half spread over the threads.
  size_t half_share() const {
    return (pages.pages_in_use() << kPageShift) / 200 * tunables.get(Tunable::cache_share);
  }

  size_t transfer_limit(size_t size_class) const {
    if (TransferCache::tier_of(size_class) == 0) return tunables.get(Tunable::transfer_small_bytes);
    return std::max<size_t>(tunables.get(Tunable::transfer_cache_bytes), half_share());
  }

  // Puts blocks, a batch at most, back into their spans.
  void insert(size_t size_class, Slot* blocks, size_t count, Counters& counters) {
    counters.add(Counter::central_inserted_blocks, count);
    void* twice = central.insert(size_class, blocks, count);
    if (TAMARI_UNLIKELY(twice != nullptr)) report_double_free(twice);
  }

  // Puts a batch's blocks back into their spans and the batch back into the pool.
  void send_to_spans(size_t size_class, Batch* batch, Counters& counters) {
    insert(size_class, batch->slots, batch->count, counters);
    batches.release(batch, kNobody);
  }

  // To the transfer cache. False, and the batch stays the caller's, past its limit.
  bool offer(size_t size_class, Batch* batch, Counters& counters, TransferCache::Account& account) {
    const bool taken = transfer.insert(size_class, batch, transfer_limit(size_class), account);
    counters.add(taken ? Counter::transfer_inserts : Counter::transfer_spills);
    return taken;
  }
};

}  // namespace tamari
