// central_list.h - the spans of one size class that have free blocks, or those of one shard
// (central/central_lists.h).
//
// The truth is the bitmaps: a set bit is a block that rests in its span. Counts and buckets derive
// from them, and are rebuilt in a fork child whose parent was inside. Spans are kept in buckets by
// how free they are; a refill takes from the fullest, so that the others can empty and go back to
// the page heap. Classes below a cache line have an owner for each line, once a span has more than
// one: a refill takes whole lines, as far as there are any, so that no two threads write into one.
// Reached by whole batches; one lock per list, taken above the page heap's.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "central/batch.h"
#include "central/line_owners.h"
#include "pages/page_heap.h"
#include "platform/lock.h"

namespace tamari {

class alignas(TAMARI_APART) CentralList {
 public:
  struct Removed {
    size_t blocks = 0;
    bool new_span = false;
    bool zero = false;  // all of them are known to read as zero
  };

  enum class Spans { kThere, kThereOrNew };
  // Who wants a zeroed block takes one alone if that spares clearing it: of many, all but the
  // first would no longer be known to be zero when they are used.
  enum class Wish { kMany, kZeroed };
  struct Inserted {
    size_t blocks = 0;
    void* twice = nullptr;  // rests there already: it was freed twice
  };

  // `id`: of this list, its spans say it.
  void init(PageHeap& heap, LineOwnersPool& lines, size_t size_class, uint16_t id);

  // Takes up to `wanted` blocks into `out`, the one to be used first last, and names `owner` as the
  // owner of what they are from. Only of blocks of an OS page or more is it known whether they are
  // zero. A new span is made only if there would be no block at all. No blocks: none there, or out
  // of memory.
  Removed remove(Slot* out, size_t wanted, uint32_t owner, Spans spans, Wish wish = Wish::kMany);

  // Takes over the freest span of another list of the class, if half of it is free: blocks that are
  // still in use will come back from those who took them there. False: there is none, or somebody
  // is in that list.
  bool adopt_span(CentralList& from);

  // Puts blocks back, at least one, as far as they are of spans of this list and none was freed
  // twice. A span of which all blocks are back goes to the page heap.
  Inserted insert(const Slot* blocks, size_t count);

  // The owner named when the block, which is live, was taken; 0: nobody. Any thread, no lock.
  uint32_t owner_of(const void* block) const;

  // Whether the block rests in its span: a free of it would be its second, or its first without a
  // malloc. No lock: for a block that is the caller's the answer cannot change.
  bool holds(const void* block) const;

  // Gives the OS pages that lie wholly in free blocks of the span at `page` back to the kernel, if
  // no block has come back to it for a tick (with `all`: at once). Returns bytes given back. `page`
  // may be any page: nothing happens unless a span of this class starts there.
  size_t purge_span(size_t page, bool all);

  // Calls visit(first, blocks) for runs of blocks that rest in the span at `page`, which is one of
  // this class. No lock: for a report.
  template <class Visit>
  void for_each_free_run(size_t page, Visit visit) const {
    const uint64_t* bits = bits_of(static_cast<uint32_t>(page));
    for (size_t word = 0; word < bit_words_; ++word) {
      uint64_t rest = __atomic_load_n(&bits[word], __ATOMIC_RELAXED);
      for (size_t at = word * kWordBits; rest != 0;) {
        const auto skipped = static_cast<size_t>(std::countr_zero(rest));
        rest >>= skipped;
        const auto blocks = static_cast<size_t>(std::countr_one(rest));
        visit(at + skipped, blocks);
        at += skipped + blocks;
        rest = blocks == kWordBits ? 0 : rest >> blocks;
      }
    }
  }

  // Calls visit() if a span of this class starts at `page`, which then stays one for so long; not
  // if somebody is inside.
  template <class Visit>
  void while_held(size_t page, Visit visit) {
    if (!lock_.try_lock()) return;
    if (has_span(page)) visit();
    lock_.unlock();
  }

  // Who took blocks or put some back has found somebody inside again and again.
  bool is_crowded() const { return crowded_.load(std::memory_order_relaxed); }
  size_t size_class() const { return class_; }
  uint64_t free_blocks() const { return free_blocks_.load(std::memory_order_relaxed); }
  uint64_t spans_created() const { return spans_created_.load(std::memory_order_relaxed); }
  uint64_t spans_released() const { return spans_released_.load(std::memory_order_relaxed); }
  uint64_t spans_adopted() const { return spans_adopted_.load(std::memory_order_relaxed); }

  bool is_mine() const { return lock_.is_mine(); }
  void reset_after_fork(Whose whose);

 private:
  static constexpr size_t kBuckets = 8;
  static constexpr uint8_t kNoBucket = kBuckets;
  static constexpr size_t kWordBits = 64;
  static constexpr unsigned kScaleShift = 24;

  // Whoever takes blocks or puts some back is inside; it is noted if somebody was there before.
  class Inside {
   public:
    explicit Inside(CentralList& list) : list_(list) { list_.enter(); }
    ~Inside() { list_.lock_.unlock(); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    CentralList& list_;
  };
  static constexpr uint32_t kMeeting = 64;  // is forgotten after so many calls that met nobody
  static constexpr uint32_t kCrowd = 16 * kMeeting;

  // Of a block, in the bitmap of its span.
  struct Bit {
    size_t word;
    uint64_t mask;
  };

  void enter();
  uint64_t early_blocks() const;
  // Under the lock, of any page.
  bool has_span(size_t page) const {
    return heap_->arena().span(page).list.load(std::memory_order_relaxed) == id_;
  }
  bool tells_untouched() const { return size_ >= kLeastOsPage; }
  bool is_next_untouched(uint32_t page) const;
  void note_taken(uint32_t page, const Slot* last);
  bool add_span();
  size_t purge_free_blocks(uint32_t page);
  size_t take_from(uint32_t page, Slot* end, size_t wanted, uint32_t owner);
  size_t take_blocks(uint32_t page, Slot* end, size_t wanted, bool whole_lines);
  bool name_owner(uint32_t page, uint32_t owner);
  void forget_lines(uint32_t page);
  void name_lines(uint32_t page, const Slot* blocks, size_t count, uint32_t owner);
  // The first page of the span in which an offset of the window lies.
  uint32_t page_of(size_t offset) const {
    return static_cast<uint32_t>(offset >> kPageShift & ~(span_pages_ - 1));
  }
  uint32_t page_at(uintptr_t start) const {
    return static_cast<uint32_t>(
        heap_->arena().map().page_of(reinterpret_cast<const void*>(start)));
  }
  size_t index_of(size_t offset_in_span) const {
    return static_cast<size_t>(detail::high_product(offset_in_span, multiplier_));
  }
  Bit bit_of(size_t offset_in_span) const {
    const size_t index = index_of(offset_in_span);
    return {index / kWordBits, uint64_t{1} << (index % kWordBits)};
  }
  uint64_t* bits_of(uint32_t page) const;
  struct Places;
  // Blocks of one word of a bitmap that go back together.
  struct Group {
    size_t blocks;
    uint64_t bits;
  };
  Group group_in_word(const Slot* first, const Slot* end, size_t index, uint64_t free) const;
  void enter_next_bucket(Span& span, uint32_t page);
  size_t bucket_for(size_t free_count) const { return free_count * bucket_scale_ >> kScaleShift; }
  size_t next_bucket_at(size_t bucket) const {
    return std::min(blocks_per_span_,
                    ((bucket + 1) * (blocks_per_span_ + 1) + kBuckets - 1) / kBuckets);
  }
  void link(uint32_t page, size_t bucket);
  void unlink(uint32_t page);
  static void set_aside(Span& span);
  void move(Span& span, uint32_t page);
  void release_span(Span& span, uint32_t page);
  void rebuild();

  PageHeap* heap_ = nullptr;
  LineOwnersPool* lines_ = nullptr;
  size_t class_ = 0;
  uint16_t id_ = Span::kNoList;
  std::atomic<bool> crowded_{false};  // here, as others look at it and these are only read
  size_t size_ = 0;
  uint64_t multiplier_ = 0;  // instead of a division by the size
  size_t blocks_per_span_ = 0;
  size_t span_pages_ = 0;
  size_t bit_words_ = 0;
  size_t bucket_scale_ = 0;
  uint64_t early_blocks_ = 0;  // bits of the first word that are taken before the others
  size_t line_blocks_ = 0;     // blocks that fill whole lines together; 0: no two share one

  Lock lock_;
  uint32_t meetings_ = 0;  // in units of 1 / kMeeting
  uint32_t buckets_[kBuckets] =
      {};  // first span of each, kNoPage when empty; [0] holds the fullest
  std::atomic<uint64_t> free_blocks_{0};
  std::atomic<uint64_t> spans_created_{0};
  std::atomic<uint64_t> spans_released_{0};
  std::atomic<uint64_t> spans_adopted_{0};
};

}  // namespace tamari
