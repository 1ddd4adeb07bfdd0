// See outline.h.
#include "heap/outline.h"

#include "heap/checked.h"
#include "heap/heap.h"
#include "heap/statistics.h"

// Of records with private parts: every compiler that we support knows their offsets.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace tamari {

struct OutlineSource {
  static constexpr Outline make();
};

constexpr Outline OutlineSource::make() {
  using Bin = ThreadCache::Bin;
  const Arena& arena = g_heap.arena;
  const Growth& growth = g_heap.growth;
  return {
      .head = {Outline::kSchema, kVersion},
      .heap = &g_heap,
      .heap_bytes = sizeof g_heap,
      .tables = {{&arena.spans_.base_, &growth.spans.committed},
                 {&arena.free_bits_.base_, &growth.free_bits.committed},
                 {&arena.batches_.base_, &growth.batches.committed},
                 {&arena.owners_.base_, &growth.owners.committed},
                 {&arena.block_records_.base_, &growth.block_records.committed},
                 {&arena.page_owners_.base_, &growth.page_owners.committed},
                 {&arena.page_bits_.base_, &growth.page_bits.committed},
                 {&arena.line_owners_.base_, &growth.line_owners.committed},
                 {&arena.batch_groups_.base_, &growth.batch_groups.committed},
                 {&arena.forgotten_owners_.base_, &growth.forgotten_owners.committed}},
      .page_bytes = kPageBytes,
      .page_map = &g_page_map,
      .page_map_base_at = offsetof(PageMap, base),
      .page_map_head_bytes = offsetof(PageMap, class_of),
      .committed_pages = &growth.pages,
      .no_class = kNoClass,
      .large_first = kLargeFirst,
      .size_classes = &kSizeClasses,
      .class_count = kClassCount,
      .class_bytes = sizeof(SizeClass),
      .class_size_at = offsetof(SizeClass, size),
      .class_pages_at = offsetof(SizeClass, span_pages),
      .class_blocks_at = offsetof(SizeClass, block_count),
      .span_bytes = sizeof(Span),
      .span_pages_at = offsetof(Span, page_count),
      .span_large_bytes_at = offsetof(Span, large_bytes),
      .span_bits_at = offsetof(Span, inline_bits),
      .span_bits_bytes = sizeof(Span::inline_bits),
      .free_bits_bytes = kBitBytesPerPage,
      .block_record_bytes = sizeof(uint32_t),
      .record_tile_pages = Arena::kTilePages,
      .records_together = Arena::kRecordsTogether,
      .records_per_page = Arena::kRecordsPerPage,
      .block_state_bits = kBlockStateBits,
      .block_slack_at = kBlockSlackShift,
      .block_slack_bits = kBlockSlackBits,
      .block_live = static_cast<uint32_t>(BlockState::kLive),
      .batch_bytes = sizeof(Batch),
      .batch_next_at = offsetof(Batch, next),
      .batch_count_at = offsetof(Batch, count),
      .batch_slots_at = offsetof(Batch, slots),
      .batch_capacity = kBatchCapacity,
      .owner_bytes = sizeof(Owner),
      .owner_state_at = offsetof(Owner, state),
      .owner_active = Owner::kActive,
      .owner_retired = Owner::kRetired,
      .owner_tops_at = offsetof(Owner, cache) + offsetof(ThreadCache, top),
      .owner_bins_at = offsetof(Owner, cache) + offsetof(ThreadCache, bins_),
      .bin_bytes = sizeof(Bin),
      .bin_loaded_at = offsetof(Bin, loaded),
      .bin_remote_at = offsetof(Bin, remote),
      .bin_remote_top_at = offsetof(Bin, remote_top),
      .bin_spares_at = offsetof(Bin, spares),
      .bin_aside_at = offsetof(Bin, aside),
      .owner_stashes_at = offsetof(Owner, stashes),
      .stash_bytes = sizeof(Stash),
      .shelves = &g_room.shelves,
      .shelf_rows = kShards,
      .shelf_row_bytes = sizeof(ShelvesOfShard),
      .shelf_bytes = sizeof(Shelf),
      .setting_count = kTunableCount,
      .setting_bytes = sizeof(TunableRow),
      .setting_name_at = offsetof(TunableRow, name),
      .setting_unit_at = offsetof(TunableRow, unit),
      .setting_rows = &kTunableRows,
      .setting_values = &g_heap.tunables.values_,
  };
}

extern "C" {
TAMARI_HIDDEN extern const Outline tamari_outline;
constinit const Outline tamari_outline = OutlineSource::make();
}
TAMARI_NOTE(tamari_outline);

}  // namespace tamari
