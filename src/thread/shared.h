// shared.h - what all thread caches share: the stores behind them, and who owns what.
// The heap makes one; a test makes its own.
#pragma once

#include <algorithm>
#include <cstddef>

#include "central/batch.h"
#include "central/central_list.h"
#include "central/transfer_cache.h"
#include "config/counters.h"
#include "config/tunables.h"
#include "pages/page_heap.h"

namespace tamari {

class Owners;

// Of a block that turned out to be freed twice when it reached its span. The heap's, or a test's
// own: by name, as no pointer to code is to lie where it can be overwritten.
[[noreturn]] TAMARI_SLOW void report_double_free(void* block);

struct Shared {
  constexpr Shared(Arena& arena_used, Tunables& tunables_used, Owners& owners_used)
      : arena(arena_used),
        tunables(tunables_used),
        owners(owners_used),
        pages(arena),
        lines(arena),
        batches(arena),
        transfer(batches) {}

  Arena& arena;
  Tunables& tunables;
  Owners& owners;
  PageHeap pages;
  LineOwnersPool lines;
  BatchPool batches;
  TransferCache transfer;
  CentralList central[kClassCount];

  void init() {
    for (size_t c = 1; c < kClassCount; ++c) central[c].init(pages, lines, c);
  }

  // All caches together may hold their fixed bytes and `cache_share` per cent of the heap in use:
  // half of that for the transfer cache's medium blocks, half spread over the threads.
  size_t half_share() const {
    return (pages.pages_in_use() << kPageShift) / 200 * tunables.get(Tunable::cache_share);
  }

  size_t transfer_limit(size_t size_class) const {
    if (TransferCache::tier_of(size_class) == 0) return tunables.get(Tunable::transfer_small_bytes);
    return std::max<size_t>(tunables.get(Tunable::transfer_cache_bytes), half_share());
  }

  // Puts a batch's blocks back into their spans and the batch back into the pool.
  void send_to_spans(size_t size_class, Batch* batch, Counters& counters) {
    counters.add(Counter::central_inserted_blocks, batch->count);
    void* twice = central[size_class].insert(batch->slots, batch->count);
    if (TAMARI_UNLIKELY(twice != nullptr)) report_double_free(twice);
    batches.release(batch);
  }

  // To the transfer cache, or past its limit to the spans.
  void send(size_t size_class, Batch* batch, Counters& counters, TransferCache::Account& account) {
    if (transfer.insert(size_class, batch, transfer_limit(size_class), account)) {
      counters.add(Counter::transfer_inserts);
      return;
    }
    counters.add(Counter::transfer_spills);
    send_to_spans(size_class, batch, counters);
  }
};

}  // namespace tamari
