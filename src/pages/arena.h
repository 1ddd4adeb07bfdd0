// arena.h - the address space: one window of pages for blocks, and tables with one entry per page.
//
// At start a place is only chosen where nothing lies: nothing is reserved, so that a limit on
// address space counts what is used. Window and tables are mapped in steps, each as a growing
// prefix, so that the whole library has a handful of mappings.
//
//   tables: | owners of pages | spans | free bits | page bits | owners of lines | batches |
//           | groups of batches | owner records | ids of forgotten owners | block records
//           (heap/checked.h) |
//   window: | page 0 | page 1 | ...  committed ...  | not yet mapped ...
//
// Window and tables lie at places that the process draws at its start, a guard on either side of
// each table, where nothing is ever mapped. init() runs once, before any other thread can be
// inside; grow() runs under the page heap's lock, the commit() of a table of records under its
// keeper's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pages/page_map.h"
#include "pages/span.h"
#include "platform/os.h"

namespace tamari {

// 64 pages' worth of page-heap state, one bit per page.
struct PageBits {
  uint64_t in_use;
  uint64_t dirty;  // free, and possibly not zero
  uint64_t aged;   // dirty since before the last tick
  uint64_t moved;  // mremap has split the mapping here; mend it when the page is purged
};

// How much is usable by now, in pages of the window and in bytes of each table. Apart from the
// arena, which is read-only after the start.
struct Growth {
  struct Extent {
    std::atomic<size_t> committed{0};  // bytes
    size_t intended = 0;               // is more than that while they are being mapped
  };
  std::atomic<size_t> pages{0};
  size_t passed = 0;    // up to there somebody else's mapping reaches
  size_t intended = 0;  // bytes of the window
  Extent page_owners, spans, free_bits, page_bits, line_owners, batches, batch_groups, owners,
      forgotten_owners, block_records;
};

// An array whose committed prefix grows on demand.
class Table {
 public:
  constexpr explicit Table(Growth::Extent& extent) : extent_(extent) {}

  void place(char* base, size_t entry_bytes, size_t capacity) {
    base_ = base;
    entry_bytes_ = entry_bytes;
    capacity_ = capacity;
  }
  // Makes entries [0, count) usable, as zeros at first. False when the kernel refuses or past
  // capacity.
  bool commit(size_t count);
  char* base() const { return base_; }
  size_t capacity() const { return capacity_; }
  size_t entry_bytes() const { return entry_bytes_; }
  // Any thread.
  size_t committed_bytes() const { return extent_.committed.load(std::memory_order_relaxed); }

 private:
  friend struct OutlineSource;  // heap/outline.cpp: where the parts lie
  char* base_ = nullptr;
  size_t entry_bytes_ = 0;
  size_t capacity_ = 0;
  Growth::Extent& extent_;
};

// Sizes of the record types of the upper layers.
struct RecordBytes {
  size_t line_owners;
  size_t batch;
  size_t batch_group;
  size_t owner;
};

class Arena {
 public:
  constexpr Arena(PageMap& map, Growth& growth) : map_(map), growth_(growth) {}

  // False when the kernel gives no address space at all.
  // In the first `record_pages` pages (SIZE_MAX: all; else whole tiles) every block has a record.
  bool init(const RecordBytes& records, os::HugePages huge_pages, size_t record_pages);

  // Makes pages [0, count) usable; false when the kernel refuses. False too where somebody else has
  // mapped something: that is passed then, and marked as in use.
  bool grow(size_t count);

  // Maps pages afresh, as one with their neighbours, where a move has split the mapping.
  bool remap_fresh(size_t first, size_t pages);

  // Gives back what tells of free pages: they are as if never used.
  void purge_span_records(size_t first, size_t pages);

  size_t committed_pages() const { return growth_.pages.load(std::memory_order_relaxed); }
  size_t window_pages() const { return window_pages_; }
  size_t metadata_bytes() const;
  // Calls visit(start, bytes) for each committed range of records.
  template <class Visit>
  void for_each_record_range(Visit visit) const {
    visit(static_cast<const void*>(&map_), sizeof(PageMap) - kMaxPages + committed_pages());
    for (const Table* table :
         {&page_owners_, &spans_, &free_bits_, &page_bits_, &line_owners_, &batches_,
          &batch_groups_, &owners_, &forgotten_owners_, &block_records_}) {
      visit(static_cast<const void*>(table->base()), table->committed_bytes());
    }
  }

  PageMap& map() { return map_; }
  Span& span(size_t page) { return reinterpret_cast<Span*>(spans_.base())[page]; }
  uint64_t* free_bits(size_t page) {
    return reinterpret_cast<uint64_t*>(free_bits_.base() + page * kBitBytesPerPage);
  }
  PageBits* page_bits() { return reinterpret_cast<PageBits*>(page_bits_.base()); }
  std::atomic<uint32_t>& page_owner(size_t page) {
    return reinterpret_cast<std::atomic<uint32_t>*>(page_owners_.base())[page];
  }
  bool has_block_records(size_t page) const { return page < block_records_.capacity(); }
  // Of block `index` of the span, or of the large block, that starts at `page`. A process that has
  // a few blocks each of many sizes uses the first records of many pages: those lie together.
  //
  // Each row begins with another page, as lines at equal distances are of one set of the caches.
  //
  //   tile of 32 pages: | 16 records of page 0 | 16 of page 1 | ... | 16 of page 31     |
  //                     | the next 16 of 31    | of page 0    | ... | the next of 30    | ...
  std::atomic<uint32_t>& block_record(size_t page, size_t index) {
    const size_t tile = page / kTilePages * (kTilePages * kRecordsPerPage);
    const size_t row = index / kRecordsTogether;
    const size_t column = (page + row) % kTilePages;
    const size_t place =
        tile + (row * kTilePages + column) * kRecordsTogether + index % kRecordsTogether;
    return reinterpret_cast<std::atomic<uint32_t>*>(block_records_.base())[place];
  }
  // A line holds the records of successive blocks.
  static constexpr size_t kRecordsTogether = 16;
  static constexpr size_t kRecordLineBytes = kRecordsTogether * sizeof(std::atomic<uint32_t>);

  char* address_of(size_t page) { return map().address_of(page); }

  Table& line_owners() { return line_owners_; }
  Table& batches() { return batches_; }
  Table& batch_groups() { return batch_groups_; }
  Table& owners() { return owners_; }
  Table& forgotten_owners() { return forgotten_owners_; }

 private:
  friend struct OutlineSource;              // heap/outline.cpp: where the parts lie
  static constexpr size_t kTilePages = 32;  // whose block records are interleaved
  static constexpr size_t kRecordsPerPage = kPageBytes / kMinAlignment;

  static char* find_place(size_t bytes, uint64_t limit);
  bool place(size_t window_bytes, uint64_t limit, const RecordBytes& records, size_t record_pages);
  bool commit_tables(size_t pages);
  os::Commit commit_pages(size_t target);
  void pass_foreign();
  void set_committed_pages(size_t count);

  PageMap& map_;
  Growth& growth_;
  char* window_ = nullptr;
  size_t window_pages_ = 0;
  os::HugePages huge_pages_ = os::HugePages::kSystem;

  Table page_owners_{growth_.page_owners};
  Table spans_{growth_.spans};
  Table free_bits_{growth_.free_bits};
  Table page_bits_{growth_.page_bits};
  Table line_owners_{growth_.line_owners};
  Table batches_{growth_.batches};
  Table batch_groups_{growth_.batch_groups};
  Table owners_{growth_.owners};
  Table forgotten_owners_{growth_.forgotten_owners};
  Table block_records_{growth_.block_records};
};

}  // namespace tamari
