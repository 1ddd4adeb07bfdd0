// outline.h - where the heap's records lie and how they are laid out, for who reads them from
// another process: `tamari explain PID` stops nobody and runs no code of ours there. One constant,
// found by a note in the ELF file (platform/compiler.h); nothing here reads it.
//
// An address is the process's own. What ends in _at is an offset in its record; counts and sizes
// are in bytes where nothing else is said. Whoever knows the schema knows the meaning of each
// field.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tamari {

// The same in every schema.
struct OutlineHead {
  uint32_t schema;
  const char* version;
};

struct Outline {
  static constexpr char kNoteOwner[] = "tamari";
  static constexpr uint32_t kNoteType = 1;
  static constexpr uint32_t kSchema = 3;

  // The tables that are read, then those that only count as metadata.
  enum TableName : size_t { kSpans, kFreeBits, kBatches, kOwners, kBlockRecords, kTableCount = 10 };

  OutlineHead head;

  const void* heap;
  size_t heap_bytes;
  struct Table {
    const void* base;       // where the address of its start is kept,
    const void* committed;  // and the bytes of it that are in use, at most
  };
  Table tables[kTableCount];

  uint32_t page_bytes;
  const void* page_map;  // a head, then a byte for each page: no class, a size class or another
  uint32_t page_map_base_at, page_map_head_bytes;
  const void* committed_pages;
  uint32_t no_class, large_first;

  const void* size_classes;
  uint32_t class_count, class_bytes, class_size_at, class_pages_at, class_blocks_at;

  uint32_t span_bytes, span_pages_at, span_large_bytes_at;
  // A set bit is a block that rests in its span. So many bytes of bits lie in the span's record,
  // more than those in the table, where each page has its own.
  uint32_t span_bits_at, span_bits_bytes, free_bits_bytes;
  // A record for each block, in tiles of pages (pages/arena.h:block_record): its state, the
  // slack from bit block_slack_at on, and a count.
  uint32_t block_record_bytes, record_tile_pages, records_together, records_per_page;
  uint32_t block_state_bits, block_slack_at, block_slack_bits, block_live;

  uint32_t batch_bytes, batch_next_at, batch_count_at, batch_slots_at, batch_capacity;

  uint32_t owner_bytes, owner_state_at, owner_active, owner_retired;
  uint32_t owner_tops_at;  // a pointer for each class
  uint32_t owner_bins_at, bin_bytes, bin_loaded_at, bin_remote_at, bin_remote_top_at;
  uint32_t bin_spares_at, bin_aside_at;    // indices of batches
  uint32_t owner_stashes_at, stash_bytes;  // begins with the index of its newest batch
  const void* shelves;                     // the transfer cache's: in each row one for each class,
  uint32_t shelf_rows, shelf_row_bytes, shelf_bytes;  // which begins likewise

  uint32_t setting_count, setting_bytes, setting_name_at, setting_unit_at;
  const void* setting_rows;
  const void* setting_values;  // 8 bytes each
};

}  // namespace tamari
