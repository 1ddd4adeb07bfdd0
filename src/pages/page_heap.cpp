#include "pages/page_heap.h"

#include <algorithm>
#include <bit>

namespace tamari {
namespace {

constexpr size_t kWordPages = 64;
constexpr size_t kNotFound = SIZE_MAX;

// Calls f(word index, mask of the bits of that word) for each word that [first, first+count)
// touches.
template <class F>
void for_each_word(size_t first, size_t count, F f) {
  while (count > 0) {
    const size_t bit = first % kWordPages;
    const size_t here = std::min(count, kWordPages - bit);
    const uint64_t mask = (here == kWordPages ? ~uint64_t{0} : (uint64_t{1} << here) - 1) << bit;
    f(first / kWordPages, mask);
    first += here;
    count -= here;
  }
}

// Bits of `free` at which an aligned run of `pages` (a power of two <= 64) free pages starts.
uint64_t aligned_starts(uint64_t free, size_t pages) {
  for (size_t have = 1; have < pages; have *= 2) free &= free >> have;
  static constexpr uint64_t kAligned[] = {~uint64_t{0},
                                          0x5555555555555555,
                                          0x1111111111111111,
                                          0x0101010101010101,
                                          0x0001000100010001,
                                          0x0000000100000001,
                                          1};
  return free & kAligned[std::countr_zero(pages)];
}

}  // namespace

void PageHeap::note_free(size_t word, bool dirty) {
  for (size_t& hint : hints_) hint = std::min(hint, word);
  if (dirty) {
    for (size_t& hint : dirty_hints_) hint = std::min(hint, word);
  }
  low_word_ = std::min(low_word_, word);
  if (word >= searched_words_) return;
  for (Searched& search : searched_) search.word = std::min(search.word, word);
  searched_words_ = word;
}

size_t PageHeap::find_dirty(size_t pages) {
  size_t& hint = dirty_hints_[std::countr_zero(pages)];
  const PageBits* bits = arena_.page_bits();
  const size_t words = (arena_.committed_pages() + kWordPages - 1) / kWordPages;
  for (; hint < words; ++hint) {
    const uint64_t starts = aligned_starts(bits[hint].dirty, pages);
    if (starts != 0) return hint * kWordPages + static_cast<size_t>(std::countr_zero(starts));
  }
  return kNotFound;
}

// Words past the committed ones are all free: a search always ends, and grow() decides.
size_t PageHeap::find_within_word(size_t pages) {
  size_t& hint = hints_[std::countr_zero(pages)];
  const PageBits* bits = arena_.page_bits();
  const size_t committed_words = arena_.committed_pages() / kWordPages;
  size_t word = hint;
  for (; word < committed_words; ++word) {
    const uint64_t starts = aligned_starts(~bits[word].in_use, pages);
    if (starts != 0) {
      hint = word;
      return word * kWordPages + static_cast<size_t>(std::countr_zero(starts));
    }
  }
  hint = std::min(word, committed_words);
  // The last, partly committed word, or the first uncommitted one.
  const size_t committed = arena_.committed_pages();
  for (; word * kWordPages < committed; ++word) {
    const uint64_t starts = aligned_starts(~bits[word].in_use, pages);
    if (starts != 0) return word * kWordPages + static_cast<size_t>(std::countr_zero(starts));
  }
  return word * kWordPages;
}

size_t PageHeap::find_across_words(size_t pages, size_t alignment) {
  const PageBits* bits = arena_.page_bits();
  const size_t committed = arena_.committed_pages();
  const size_t base = reinterpret_cast<uintptr_t>(arena_.address_of(0)) >> kPageShift;
  auto align = [&](size_t page) {
    return ((base + page + alignment - 1) & ~(alignment - 1)) - base;
  };
  while (low_word_ * kWordPages < committed && bits[low_word_].in_use == ~uint64_t{0}) ++low_word_;

  size_t from = low_word_ * kWordPages;
  for (const Searched& search : searched_) {
    const size_t end = search.word * kWordPages;
    if (search.pages <= pages && end > from + pages) from = end - pages;
  }
  size_t start = align(from);
  size_t page = start;  // [start, page) is known to be free
  while (page < committed && page - start < pages) {
    const size_t bit = page % kWordPages;
    const uint64_t used = bits[page / kWordPages].in_use >> bit;
    if (used == 0) {
      page = page - bit + kWordPages;
      continue;
    }
    page += static_cast<size_t>(std::countr_zero(used));
    if (page - start >= pages) break;
    page +=
        static_cast<size_t>(std::countr_one(bits[page / kWordPages].in_use >> (page % kWordPages)));
    start = align(page);
    page = std::max(page, start);
  }
  if (alignment == 1) note_searched(pages, start);
  return start;
}

// The first run of so many pages begins at `start`. Requests of one size, or more, need not look
// again at holes that are too small for them.
void PageHeap::note_searched(size_t pages, size_t start) {
  Searched& search = searched_[std::bit_width(pages) - 1];
  const size_t word = (start + pages - 1) / kWordPages;
  if (search.pages <= pages && search.word >= word) return;
  search = {pages, word};
  searched_words_ = std::max(searched_words_, word);
}

// The smallest of the runs freed last that still holds the request, at its start.
size_t PageHeap::find_recent(size_t pages, size_t alignment) {
  const size_t base = reinterpret_cast<uintptr_t>(arena_.address_of(0)) >> kPageShift;
  Recent* best = nullptr;
  for (Recent& recent : recents_) {
    if (recent.pages < pages || (best != nullptr && recent.pages >= best->pages)) continue;
    if ((base + recent.first) % alignment == 0 && is_free(recent.first, pages)) best = &recent;
  }
  if (best == nullptr) return kNotFound;
  const size_t first = best->first;
  *best = {first + pages, best->pages - pages};
  return first;
}

void PageHeap::note_recent(size_t first, size_t pages) {
  if (pages < kLeastRecent) return;
  recents_[next_recent_] = {first, pages};
  next_recent_ = (next_recent_ + 1) % kRecents;
}

size_t PageHeap::find(size_t pages, size_t alignment) {
  if (pages <= kWordPages && pages == alignment) {
    const size_t dirty = dirty_pages() < pages ? kNotFound : find_dirty(pages);
    return dirty != kNotFound ? dirty : find_within_word(pages);
  }
  const size_t recent = find_recent(pages, alignment);
  return recent != kNotFound ? recent : find_across_words(pages, alignment);
}

// Marks a free run as in use; says whether it was clean.
bool PageHeap::take(size_t first, size_t pages) {
  PageBits* bits = arena_.page_bits();
  size_t dirty = 0;
  for_each_word(first, pages, [&](size_t word, uint64_t mask) {
    bits[word].in_use |= mask;
    dirty += static_cast<size_t>(std::popcount(bits[word].dirty & mask));
    bits[word].dirty &= ~mask;
    bits[word].aged &= ~mask;
  });
  in_use_.fetch_add(pages, std::memory_order_relaxed);
  dirty_.fetch_sub(dirty, std::memory_order_relaxed);
  return dirty == 0;
}

void PageHeap::give(size_t first, size_t pages, bool dirty) {
  PageBits* bits = arena_.page_bits();
  for_each_word(first, pages, [&](size_t word, uint64_t mask) {
    if (dirty) bits[word].dirty |= mask;
    std::atomic_signal_fence(
        std::memory_order_release);  // a fork child sees no dirty page as clean
    bits[word].in_use &= ~mask;
  });
  in_use_.fetch_sub(pages, std::memory_order_relaxed);
  if (dirty) dirty_.fetch_add(pages, std::memory_order_relaxed);
  note_free(first / kWordPages, dirty);
}

PageHeap::Run PageHeap::allocate(size_t pages, size_t alignment) {
  LockGuard guard(lock_);
  if (pages > arena_.window_pages()) return {};
  for (;;) {
    const size_t first = find(pages, alignment);
    const size_t committed = arena_.committed_pages();
    if (arena_.grow(first + pages)) return {first, true, take(first, pages)};
    if (arena_.committed_pages() == committed) return {};
  }
}

void PageHeap::release(size_t first, size_t pages) {
  LockGuard guard(lock_);
  give(first, pages, true);
  note_recent(first, pages);
}

bool PageHeap::is_free(size_t first, size_t pages) const {
  const PageBits* bits = arena_.page_bits();
  bool free = true;
  for_each_word(first, pages, [&](size_t word, uint64_t mask) {
    free = free && (bits[word].in_use & mask) == 0;
  });
  return free;
}

bool PageHeap::extend(size_t first, size_t pages, size_t new_pages) {
  LockGuard guard(lock_);
  if (first + new_pages > arena_.window_pages()) return false;
  const size_t committed = arena_.committed_pages();
  const size_t known = std::min(first + new_pages, committed);  // beyond, everything is free
  if (known > first + pages && !is_free(first + pages, known - first - pages)) return false;
  // What grows at the end would take the window along, for ever, while there is room below.
  if (first + new_pages > committed && find_across_words(new_pages, 1) + new_pages <= committed)
    return false;
  if (!arena_.grow(first + new_pages)) return false;
  take(first + pages, new_pages - pages);
  return true;
}

void PageHeap::mark_moved(size_t first, size_t pages) {
  PageBits* bits = arena_.page_bits();
  for_each_word(first, pages, [&](size_t word, uint64_t mask) { bits[word].moved |= mask; });
}

void PageHeap::note_moved(size_t first, size_t pages) {
  LockGuard guard(lock_);
  mark_moved(first, pages);
}

bool PageHeap::has_moved(size_t first, size_t pages) {
  LockGuard guard(lock_);
  const PageBits* bits = arena_.page_bits();
  bool moved = false;
  for_each_word(first, pages, [&](size_t word, uint64_t mask) {
    moved = moved || (bits[word].moved & mask) != 0;
  });
  return moved;
}

// The bits are the truth; a run that was changing hands is lost to the child.
void PageHeap::reset_after_fork(Whose whose) {
  if (!lock_.reset_after_fork(whose)) return;
  const PageBits* bits = arena_.page_bits();
  size_t in_use = 0;
  size_t dirty = 0;
  for (size_t word = 0; word < (arena_.committed_pages() + kWordPages - 1) / kWordPages; ++word) {
    in_use += static_cast<size_t>(std::popcount(bits[word].in_use));
    dirty += static_cast<size_t>(std::popcount(bits[word].dirty));
  }
  in_use_.store(in_use, std::memory_order_relaxed);
  dirty_.store(dirty, std::memory_order_relaxed);
}

// Takes the next purgeable run, of one word at most, out of circulation. Returns its pages (0: no
// more) and leaves `cursor` at its first page.
size_t PageHeap::claim_purgeable(size_t& cursor, bool all, bool& moved) {
  PageBits* bits = arena_.page_bits();
  const size_t committed = arena_.committed_pages();
  while (cursor < committed) {
    PageBits& here = bits[cursor / kWordPages];
    const uint64_t candidates =
        (all ? here.dirty : here.dirty & here.aged) >> (cursor % kWordPages);
    if (candidates == 0) {
      cursor = (cursor / kWordPages + 1) * kWordPages;
      continue;
    }
    cursor += static_cast<size_t>(std::countr_zero(candidates));
    uint64_t run_bits = (all ? here.dirty : here.dirty & here.aged) >> (cursor % kWordPages);
    const size_t pages = static_cast<size_t>(std::countr_one(run_bits));
    const uint64_t mask = (pages == kWordPages ? ~uint64_t{0} : (uint64_t{1} << pages) - 1)
                          << (cursor % kWordPages);
    moved = (here.moved & mask) != 0;
    here.moved &= ~mask;
    take(cursor, pages);
    return pages;
  }
  return 0;
}

// The records of a word's pages fill OS pages, where these are not large: where none of the pages
// is used, nor are they.
void PageHeap::purge_records(size_t word) {
  const size_t first = word * kWordPages;
  {
    LockGuard guard(lock_);
    const PageBits& bits = arena_.page_bits()[word];
    if ((bits.in_use | bits.dirty) != 0 || first + kWordPages > arena_.committed_pages()) return;
    take(first, kWordPages);
  }
  arena_.purge_span_records(first, kWordPages);
  LockGuard guard(lock_);
  give(first, kWordPages, false);
}

size_t PageHeap::purge(bool all) {
  size_t given_back = 0;
  for (size_t cursor = 0;;) {
    bool moved = false;
    size_t pages = 0;
    {
      LockGuard guard(lock_);
      pages = claim_purgeable(cursor, all, moved);
    }
    if (pages == 0) break;
    char* start = arena_.address_of(cursor);
    const size_t bytes = pages << kPageShift;
    const bool purged = moved ? arena_.remap_fresh(cursor, pages) : os::purge(start, bytes);
    {
      LockGuard guard(lock_);
      give(cursor, pages, !purged);
      if (moved && !purged) mark_moved(cursor, pages);
    }
    purge_calls_.fetch_add(1, std::memory_order_relaxed);
    if (purged) given_back += bytes;
    purge_records(cursor / kWordPages);
    cursor += pages;
  }
  purged_bytes_.fetch_add(given_back, std::memory_order_relaxed);
  LockGuard guard(lock_);
  PageBits* bits = arena_.page_bits();
  const size_t words = (arena_.committed_pages() + kWordPages - 1) / kWordPages;
  for (size_t word = 0; word < words; ++word) bits[word].aged = bits[word].dirty;
  return given_back;
}

}  // namespace tamari
