// counters.h - the one table of counters: a row here and a bump somewhere is all a counter needs.
// Counters belong to an owner and are bumped by its thread alone (plain increments, read relaxed by
// whoever takes a snapshot); nothing on the hit path counts. Process-wide gauges are rows of the
// second table; a snapshot computes them (heap/statistics.cpp).
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tamari {

// name, unit, meaning
// clang-format off
#define TAMARI_COUNTERS(X) \
  X(alloc_slow_calls, "calls", "allocations that missed the thread cache and were served from behind it") \
  X(alloc_from_inbox, "calls", "misses of a medium class (above 4 KiB) served by the owner's stash") \
  X(alloc_from_stash, "calls", "misses of a small class served by the owner's stash") \
  X(alloc_from_aside, "calls", "misses served by the surplus that an unbounded drain had set aside") \
  X(alloc_from_transfer, "calls", "misses served by the transfer cache") \
  X(alloc_from_central, "calls", "misses served by a span that was already in use") \
  X(alloc_from_page_heap, "calls", "misses that needed a new span") \
  X(alloc_large, "calls", "allocations of page runs: above the size classes, aligned beyond them, or calloc of 128 KiB and more") \
  X(alloc_uncached, "calls", "allocations straight from a central list: by a thread without a cache, or when its refill failed") \
  X(alloc_failed, "calls", "allocations answered with NULL and ENOMEM") \
  X(spare_swaps, "calls", "misses and overflows answered by the thread's own spare batch") \
  X(free_slow_calls, "calls", "frees that left the hit path") \
  X(free_large, "calls", "frees of large blocks") \
  X(free_remote, "blocks", "frees of a block that another owner allocated, seen by owner_stash or by hybrid's smallest classes") \
  X(free_uncached, "calls", "frees by a thread that has no cache") \
  X(flush_batches, "batches", "full batches that left a thread cache") \
  X(flush_blocks, "blocks", "blocks in them") \
  X(capacity_grown, "times", "a size class of a thread cache earned more capacity") \
  X(capacity_shrunk, "times", "a size class of a thread cache lost capacity for lack of use") \
  X(stash_push_batches, "batches", "batches pushed to an owner's stash") \
  X(stash_push_blocks, "blocks", "blocks in them") \
  X(stash_spills, "batches", "pushes that found the stash at stash_limit, or its owner asleep or gone, and went to the transfer cache") \
  X(stash_drains, "calls", "drains of the own stash called") \
  X(stash_drains_found, "calls", "drains that found something") \
  X(stash_drained_blocks, "blocks", "blocks handed over by drains") \
  X(stash_drained_max, "blocks", "the most blocks that one drain handed over") \
  X(stash_detached_blocks, "blocks", "blocks that drains took out of the stash, surplus included") \
  X(stash_returned_batches, "batches", "rests that a bounded drain put back") \
  X(stash_helped_batches, "batches", "batches of idle or retired owners drained by somebody else") \
  X(batch_blocks_1, "batches", "pushed batches of 1 block") \
  X(batch_blocks_2_3, "batches", "pushed batches of 2 to 3 blocks") \
  X(batch_blocks_4_7, "batches", "pushed batches of 4 to 7 blocks") \
  X(batch_blocks_8_15, "batches", "pushed batches of 8 to 15 blocks") \
  X(batch_blocks_16_31, "batches", "pushed batches of 16 to 31 blocks") \
  X(batch_blocks_32_62, "batches", "pushed batches of 32 to 62 blocks") \
  X(transfer_inserts, "batches", "batches put into the transfer cache") \
  X(transfer_spills, "batches", "batches that found the transfer cache full and went to their spans") \
  X(central_inserted_blocks, "blocks", "blocks put back into their spans") \
  X(central_removed_blocks, "blocks", "blocks taken out of spans") \
  X(realloc_in_place, "calls", "reallocs of large blocks that kept their place") \
  X(realloc_copied, "calls", "reallocs that copied") \
  X(realloc_remapped, "calls", "reallocs that moved pages instead of copying") \
  X(calloc_zero_skips, "calls", "callocs that knew their memory to be zero") \
  X(foreign_frees, "calls", "frees of pointers that are not tamari's, reported or ignored") \
  X(family_mismatches, "calls", "blocks of one family of functions that check=all saw freed by another, reported or ignored") \
  X(size_mismatches, "calls", "sized frees seen by a slow path that gave more bytes than the block has") \
  X(checked_frees, "calls", "frees that check=all examined") \
  X(guarded_allocs, "calls", "blocks that check=sample:N put between guard pages")

// name, unit, meaning
#define TAMARI_GAUGES(X) \
  X(heap_in_use_bytes, "bytes", "spans and large blocks, counted in pages") \
  X(heap_committed_bytes, "bytes", "address space made usable so far") \
  X(heap_dirty_bytes, "bytes", "free pages that wait for their purge") \
  X(heap_purged_bytes, "bytes", "given back to the kernel since start") \
  X(heap_purge_calls, "calls", "system calls that gave memory back") \
  X(metadata_bytes, "bytes", "tamari's own records, committed") \
  X(central_free_bytes, "bytes", "free blocks in spans that hold live ones too") \
  X(transfer_cache_blocks_bytes, "bytes", "blocks waiting in the transfer cache (up to 64 KiB a thread may not be counted yet)") \
  X(stash_waiting_blocks, "blocks", "blocks waiting in all stashes") \
  X(stash_waiting_bytes, "bytes", "their bytes") \
  X(stash_waiting_owner_max_blocks, "blocks", "the most blocks waiting for one owner") \
  X(stash_waiting_owner_max_bytes, "bytes", "their bytes") \
  X(thread_cache_waiting_bytes, "bytes", "blocks in thread caches, spares and remote buffers, at the snapshot") \
  X(quarantine_bytes, "bytes", "freed blocks that checks keep back") \
  X(large_bytes, "bytes", "of heap_in_use_bytes, what live large blocks take, guards included") \
  X(spans_created, "spans", "spans taken from the page heap since start") \
  X(spans_released, "spans", "spans given back to it since start") \
  X(spans_adopted, "spans", "times a span changed its owner at a refill") \
  X(owners, "owners", "owner records made") \
  X(owners_active, "owners", "of these, in use by a living thread") \
  X(owners_adopted, "owners", "times a new thread took over a retired owner") \
  X(idle_caches_emptied, "times", "caches of idle threads emptied by the background thread") \
  X(background_ticks, "ticks", "rounds of the background thread") \
  X(background_threads_started, "threads", "times the background thread was started") \
  X(resident_bytes, "bytes", "the process's resident set, as the kernel counts it")
// clang-format on

enum class Counter : uint8_t {
#define TAMARI_ROW(name, ...) name,
  TAMARI_COUNTERS(TAMARI_ROW)
#undef TAMARI_ROW
};

enum class Gauge : uint8_t {
#define TAMARI_ROW(name, ...) name,
  TAMARI_GAUGES(TAMARI_ROW)
#undef TAMARI_ROW
};

struct CounterRow {
  const char* name;
  const char* unit;
  const char* text;
};

#define TAMARI_ROW(name, unit, text) {#name, unit, text},
inline constexpr CounterRow kCounterRows[] = {TAMARI_COUNTERS(TAMARI_ROW)};
inline constexpr CounterRow kGaugeRows[] = {TAMARI_GAUGES(TAMARI_ROW)};
#undef TAMARI_ROW
inline constexpr size_t kCounterCount = sizeof kCounterRows / sizeof kCounterRows[0];
inline constexpr size_t kGaugeCount = sizeof kGaugeRows / sizeof kGaugeRows[0];

// The counters of one owner: written by one thread, read by any.
class Counters {
 public:
  void add(Counter name, uint64_t amount = 1) {
    std::atomic<uint64_t>& value = values_[static_cast<size_t>(name)];
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void raise(Counter name, uint64_t amount) {
    std::atomic<uint64_t>& value = values_[static_cast<size_t>(name)];
    if (amount > value.load(std::memory_order_relaxed))
      value.store(amount, std::memory_order_relaxed);
  }
  // For the record that threads without a cache share.
  void add_shared(Counter name, uint64_t amount = 1) {
    values_[static_cast<size_t>(name)].fetch_add(amount, std::memory_order_relaxed);
  }
  uint64_t get(size_t row) const { return values_[row].load(std::memory_order_relaxed); }

  // What a row's values of several owners make together.
  static uint64_t join(size_t row, uint64_t a, uint64_t b) {
    return row == static_cast<size_t>(Counter::stash_drained_max) ? std::max(a, b) : a + b;
  }
  // Of an owner that is gone. Not beside a reader of both.
  void take_over(Counters& gone) {
    for (size_t row = 0; row < kCounterCount; ++row) {
      const uint64_t value = gone.get(row);
      uint64_t own = get(row);
      while (value != 0 && !values_[row].compare_exchange_weak(own, join(row, own, value),
                                                               std::memory_order_relaxed)) {
      }
      gone.values_[row].store(0, std::memory_order_relaxed);
    }
  }

 private:
  std::array<std::atomic<uint64_t>, kCounterCount> values_{};
};

// The histogram row for a batch of that many blocks.
inline Counter batch_length_counter(size_t blocks) {
  const auto step = static_cast<uint8_t>(std::bit_width(blocks) - 1);
  return static_cast<Counter>(static_cast<uint8_t>(Counter::batch_blocks_1) + step);
}

}  // namespace tamari
