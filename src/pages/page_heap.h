// page_heap.h - runs of pages: first fit by address on bitmaps, so that coalescing needs no code.
// Spans come from dirty pages where there are any: those are resident already. So do large blocks
// that fit into one of the runs freed last.
//
// Each page is in use, or free and clean (zero, not resident), or free and dirty. Dirty pages are
// purged by a tick after they have lain for a whole tick, outside the lock, in bounded slices.
// Thread-safe; one lock, taken below the central lists' and never held while memory is purged.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "pages/arena.h"
#include "platform/lock.h"

namespace tamari {

class PageHeap {
 public:
  struct Run {
    size_t first = 0;
    bool found = false;
    bool zero = false;  // every page is known to read as zero
  };

  constexpr explicit PageHeap(Arena& arena) : arena_(arena) {}

  // `pages` contiguous pages whose first page's address is a multiple of `alignment` pages (a power
  // of two). Not found: the kernel gives no more memory.
  Run allocate(size_t pages, size_t alignment);
  void release(size_t first, size_t pages);

  // Takes the pages behind a run if they are free. True when [first, first+new_pages) is now in
  // use.
  bool extend(size_t first, size_t pages, size_t new_pages);

  // The pages' mapping was split by a move: purging them mends it.
  void note_moved(size_t first, size_t pages);
  bool has_moved(size_t first, size_t pages);

  // Purges what has been dirty since before the last tick (with `all`: everything dirty), then ages
  // the rest. Returns bytes given back.
  size_t purge(bool all);

  // Counts bytes that somebody else gave back, by `calls` system calls.
  void note_purged(size_t bytes, size_t calls) {
    purged_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    purge_calls_.fetch_add(calls, std::memory_order_relaxed);
  }

  size_t pages_in_use() const { return in_use_.load(std::memory_order_relaxed); }
  size_t dirty_pages() const { return dirty_.load(std::memory_order_relaxed); }
  uint64_t purged_bytes() const { return purged_bytes_.load(std::memory_order_relaxed); }
  uint64_t purge_calls() const { return purge_calls_.load(std::memory_order_relaxed); }
  Arena& arena() { return arena_; }

  // In a fork child.
  bool is_mine() const { return lock_.is_mine(); }
  void reset_after_fork(Whose whose);

 private:
  static constexpr size_t kSizeHints = 7;  // runs of 1, 2, 4 ... 64 pages

  struct Recent {
    size_t first;
    size_t pages;
  };
  static constexpr size_t kRecents = 8;
  static constexpr size_t kLeastRecent = 4;  // pages: smaller runs are for spans

  // What a search has found out: no run of `pages` free pages lies wholly before word `word`. One
  // of each order of magnitude.
  struct Searched {
    size_t pages;
    size_t word;
  };
  static constexpr size_t kSearches = std::bit_width(kMaxPages);

  size_t find(size_t pages, size_t alignment);
  size_t find_recent(size_t pages, size_t alignment);
  void note_recent(size_t first, size_t pages);
  size_t find_dirty(size_t pages);
  size_t find_within_word(size_t pages);
  size_t find_across_words(size_t pages, size_t alignment);
  void note_searched(size_t pages, size_t start);
  bool is_free(size_t first, size_t pages) const;
  bool take(size_t first, size_t pages);
  void give(size_t first, size_t pages, bool dirty);
  size_t claim_purgeable(size_t& cursor, bool all, bool& moved);
  void purge_records(size_t word);
  void note_free(size_t word, bool dirty);
  void mark_moved(size_t first, size_t pages);

  Arena& arena_;
  Lock lock_;
  size_t hints_[kSizeHints] = {};  // no aligned run of 2^i free pages starts in a word before this,
  size_t dirty_hints_[kSizeHints] = {};  // and none of dirty pages before this
  Recent recents_[kRecents] = {};        // runs freed last; parts may be in use again
  size_t next_recent_ = 0;
  Searched searched_[kSearches] = {};
  size_t searched_words_ = 0;  // the largest of their words, or more
  size_t low_word_ = 0;        // no free page lies in a word before this
  std::atomic<size_t> in_use_{0};
  std::atomic<size_t> dirty_{0};
  std::atomic<uint64_t> purged_bytes_{0};
  std::atomic<uint64_t> purge_calls_{0};
};

}  // namespace tamari
