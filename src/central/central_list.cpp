#include "central/central_list.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace tamari {
namespace {

static_assert(kBatchCapacity < 64, "a word of free blocks is more than a refill takes");

// Under the lock; holds() looks without it.
void set_bits(uint64_t& word, uint64_t bits) { __atomic_store_n(&word, bits, __ATOMIC_RELAXED); }

// Of the bits of free blocks, those of lines in which every block is free: `blocks` in a row, at
// multiples of it (2 or 4).
uint64_t free_lines(uint64_t free, size_t blocks) {
  uint64_t starts = free & free >> 1;
  if (blocks == 2) {
    starts &= 0x5555555555555555;
    return starts | starts << 1;
  }
  starts &= starts >> 2 & 0x1111111111111111;
  return starts * 0xF;
}

constexpr size_t log2_of(size_t power) { return static_cast<size_t>(std::countr_zero(power)); }

void bump(std::atomic<uint64_t>& counter, uint64_t amount = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace

void CentralList::init(PageHeap& heap, LineOwnersPool& lines, size_t size_class, uint16_t id) {
  const SizeClass& c = kSizeClasses[size_class];
  heap_ = &heap;
  lines_ = &lines;
  class_ = size_class;
  id_ = id;
  size_ = c.size;
  multiplier_ = c.multiplier;
  blocks_per_span_ = c.block_count;
  span_pages_ = c.span_pages;
  bit_words_ = (c.block_count + kWordBits - 1) / kWordBits;
  if (size_ < kLineBytes) line_blocks_ = kLineBytes / std::gcd(size_, kLineBytes);
  early_blocks_ = early_blocks();
  bucket_scale_ = (kBuckets << kScaleShift) / (c.block_count + 1) + 1;
  std::fill_n(buckets_, kBuckets, kNoPage);
}

// The blocks of a span that are taken before those that lie before them. First-level caches choose
// the set by the place in the smallest OS page. All spans begin at one, and what a program uses
// most is the few blocks of each class that it took first: they would all meet in the same few
// sets. So each class begins elsewhere in that page, by the golden ratio, and no further one is
// touched (cache colouring after Bonwick, "The slab allocator", 1994).
uint64_t CentralList::early_blocks() const {
  constexpr size_t kLines = kLeastOsPage / kLineBytes;
  constexpr size_t kGoldenLines = kLines * 618 / 1000;
  const size_t blocks = std::min(kLeastOsPage / size_, kWordBits);
  if (blocks < 2) return 0;
  const size_t offset = class_ * kGoldenLines % kLines * kLineBytes;
  size_t first = offset / size_ % blocks;
  if (line_blocks_ != 0) first -= first % line_blocks_;
  return ~uint64_t{0} >> (kWordBits - blocks) & ~uint64_t{0} << first;
}

uint64_t* CentralList::bits_of(uint32_t page) const {
  if (bit_words_ <= Span::kInlineWords) return heap_->arena().span(page).inline_bits;
  return heap_->arena().free_bits(page);
}

void CentralList::link(uint32_t page, size_t bucket) {
  Arena& arena = heap_->arena();
  Span& span = arena.span(page);
  span.bucket = static_cast<uint8_t>(bucket);
  span.next_bucket_at = static_cast<uint16_t>(next_bucket_at(bucket));
  span.previous = kNoPage;
  span.next = buckets_[bucket];
  if (span.next != kNoPage) arena.span(span.next).previous = page;
  buckets_[bucket] = page;
}

void CentralList::unlink(uint32_t page) {
  Arena& arena = heap_->arena();
  Span& span = arena.span(page);
  if (span.next != kNoPage) arena.span(span.next).previous = span.previous;
  if (span.previous != kNoPage) {
    arena.span(span.previous).next = span.next;
  } else {
    buckets_[span.bucket] = span.next;
  }
}

// All blocks of the span are taken: it waits for one to come back.
void CentralList::set_aside(Span& span) {
  span.bucket = kNoBucket;
  span.next_bucket_at = 1;
}

void CentralList::enter() {
  if (TAMARI_LIKELY(lock_.try_lock())) {
    if (meetings_ != 0) --meetings_;
    return;
  }
  lock_.lock();
  meetings_ += kMeeting;
  if (meetings_ >= kCrowd) crowded_.store(true, std::memory_order_relaxed);
}

// Puts a span into the bucket that its free count asks for, if any.
TAMARI_INLINE void CentralList::move(Span& span, uint32_t page) {
  const size_t bucket = span.free_count == 0 ? kNoBucket : bucket_for(span.free_count);
  if (bucket == span.bucket) return;
  if (span.bucket != kNoBucket) unlink(page);
  if (bucket != kNoBucket) {
    link(page, bucket);
  } else {
    set_aside(span);
  }
}

bool CentralList::add_span() {
  const PageHeap::Run run = heap_->allocate(span_pages_, span_pages_);
  if (!run.found) return false;
  Arena& arena = heap_->arena();
  const auto page = static_cast<uint32_t>(run.first);
  Span& span = arena.span(page);
  span.free_count = static_cast<uint32_t>(blocks_per_span_);
  span.first_word = 0;
  span.page_count = static_cast<uint32_t>(span_pages_);
  span.flags.store(0, std::memory_order_relaxed);
  uint64_t* bits = bits_of(page);
  for (size_t i = 0; i < bit_words_; ++i) set_bits(bits[i], ~uint64_t{0});
  const size_t tail = blocks_per_span_ % kWordBits;
  if (tail != 0) set_bits(bits[bit_words_ - 1], (uint64_t{1} << tail) - 1);
  if (tells_untouched()) {
    span.untouched = run.zero ? 0 : static_cast<uint32_t>(blocks_per_span_);
  } else {
    span.line_owners = 0;
  }
  arena.page_owner(page).store(0, std::memory_order_relaxed);
  // From here on it is this list's, in a fork child as well. Pairs with CentralLists::of_span().
  span.list.store(id_, std::memory_order_release);
  arena.map().set_classes(page, span_pages_, static_cast<uint8_t>(class_));
  link(page, bucket_for(blocks_per_span_));
  bump(free_blocks_, blocks_per_span_);
  bump(spans_created_);
  return true;
}

// Into the slots before `end`, from the last down. With `whole_lines`, only blocks in whose
// lines all blocks are free.
size_t CentralList::take_blocks(uint32_t page, Slot* end, size_t wanted, bool whole_lines) {
  Span& span = heap_->arena().span(page);
  uint64_t* bits = bits_of(page);
  char* start = heap_->arena().address_of(page);
  const size_t size = size_;
  Slot* const full = end - wanted;
  Slot* out = end;
  for (size_t word = span.first_word; word < bit_words_ && out != full; ++word) {
    const uint64_t all = bits[word];
    const uint64_t eligible = whole_lines ? free_lines(all, line_blocks_) : all;
    const uint64_t early = word == 0 ? eligible & early_blocks_ : 0;
    uint64_t left = all;
    char* first = start + word * kWordBits * size;
    for (const uint64_t set : {early, eligible & ~early}) {
      uint64_t rest = set;
      if (set == ~uint64_t{0}) {  // one row of blocks, more than are wanted
        rest <<= out - full;
        for (char* block = first; out != full; block += size)
          (--out)->store(block, std::memory_order_relaxed);
      }
      for (; rest != 0 && out != full; rest &= rest - 1) {
        char* block = first + static_cast<size_t>(std::countr_zero(rest)) * size;
        (--out)->store(block, std::memory_order_relaxed);
      }
      left ^= set ^ rest;
    }
    set_bits(bits[word], left);
    if (!whole_lines) span.first_word = static_cast<uint16_t>(word);
  }
  return static_cast<size_t>(end - out);
}

// Names the owner of a span from which it will take. True: of the lines it takes, as others have
// lines there.
bool CentralList::name_owner(uint32_t page, uint32_t owner) {
  std::atomic<uint32_t>& page_owner = heap_->arena().page_owner(page);
  Span& span = heap_->arena().span(page);
  const uint32_t previous = page_owner.load(std::memory_order_relaxed);
  const bool shares = line_blocks_ != 0 && span.free_count != blocks_per_span_;
  if (shares && span.line_owners == 0 && previous != owner)
    __atomic_store_n(&span.line_owners, lines_->acquire(previous), __ATOMIC_RELEASE);
  if (shares && span.line_owners != 0) return true;
  forget_lines(page);
  if (previous == owner) return false;
  page_owner.store(owner, std::memory_order_relaxed);
  if (previous != 0) bump(spans_adopted_);
  return false;
}

// All blocks of the span are free, or never were.
void CentralList::forget_lines(uint32_t page) {
  Span& span = heap_->arena().span(page);
  if (line_blocks_ == 0 || span.line_owners == 0) return;
  const uint32_t index = span.line_owners;
  __atomic_store_n(&span.line_owners, 0, __ATOMIC_RELAXED);
  std::atomic_signal_fence(std::memory_order_release);  // a fork child sees it in one place at most
  lines_->release(index);
}

void CentralList::name_lines(uint32_t page, const Slot* blocks, size_t count, uint32_t owner) {
  Arena& arena = heap_->arena();
  LineOwners& record = lines_->at(arena.span(page).line_owners);
  const char* start = arena.address_of(page);
  for (size_t i = 0; i < count; ++i) {
    const char* block = static_cast<char*>(blocks[i].load(std::memory_order_relaxed));
    const auto offset = static_cast<size_t>(block - start);
    for (size_t line = offset >> kLineShift; line <= (offset + size_ - 1) >> kLineShift; ++line)
      record.lines[line].store(static_cast<uint16_t>(owner), std::memory_order_relaxed);
  }
}

uint32_t CentralList::owner_of(const void* block) const {
  Arena& arena = heap_->arena();
  const size_t offset = arena.map().offset_of(block);
  const uint32_t page = page_of(offset);
  const uint32_t index =
      line_blocks_ == 0 ? 0 : __atomic_load_n(&arena.span(page).line_owners, __ATOMIC_ACQUIRE);
  if (index == 0) return arena.page_owner(page).load(std::memory_order_relaxed);
  return lines_->at(index).lines[offset % kPageBytes >> kLineShift].load(std::memory_order_relaxed);
}

size_t CentralList::take_from(uint32_t page, Slot* end, size_t wanted, uint32_t owner) {
  Span& span = heap_->arena().span(page);
  const bool by_lines = name_owner(page, owner);
  // Owner 0 is all threads that have none yet.
  const bool whole_lines = by_lines || (owner == 0 && line_blocks_ != 0);
  size_t taken = whole_lines ? take_blocks(page, end, wanted, true) : 0;
  if (taken < wanted) taken += take_blocks(page, end - taken, wanted - taken, false);
  if (by_lines) name_lines(page, end - taken, taken, owner);
  if (tells_untouched()) note_taken(page, end - taken);
  span.free_count -= static_cast<uint32_t>(taken);
  move(span, page);
  return taken;
}

// Blocks of OS pages are taken in the order of their addresses.
bool CentralList::is_next_untouched(uint32_t page) const {
  const Span& span = heap_->arena().span(page);
  const uint64_t* bits = bits_of(page);
  size_t word = span.first_word;
  while (bits[word] == 0) ++word;
  return word * kWordBits + static_cast<size_t>(std::countr_zero(bits[word])) >= span.untouched;
}

// `last`: of those taken, the one that lies last.
void CentralList::note_taken(uint32_t page, const Slot* last) {
  Arena& arena = heap_->arena();
  const char* block = static_cast<char*>(last->load(std::memory_order_relaxed));
  const size_t index = index_of(static_cast<size_t>(block - arena.address_of(page)));
  uint32_t& untouched = arena.span(page).untouched;
  untouched = std::max(untouched, static_cast<uint32_t>(index + 1));
}

CentralList::Removed CentralList::remove(Slot* out, size_t wanted, uint32_t owner, Spans spans,
                                         Wish wish) {
  const Inside inside(*this);
  Removed removed;
  for (size_t bucket = 0; bucket < kBuckets && removed.blocks < wanted;) {
    const uint32_t page = buckets_[bucket];
    if (page == kNoPage) {
      ++bucket;
      if (bucket == kBuckets && removed.blocks == 0) {
        if (spans == Spans::kThere || !add_span()) break;
        removed.new_span = true;
        bucket = bucket_for(blocks_per_span_);
      }
      continue;
    }
    if (wish == Wish::kZeroed && tells_untouched() && removed.blocks == 0 &&
        is_next_untouched(page)) {
      removed.zero = true;
      wanted = 1;
    }
    removed.blocks +=
        take_from(page, out + wanted - removed.blocks, wanted - removed.blocks, owner);
  }
  for (size_t i = 0, unused = wanted - removed.blocks; unused != 0 && i < removed.blocks; ++i)
    out[i].store(out[unused + i].load(std::memory_order_relaxed), std::memory_order_relaxed);
  bump(free_blocks_, -removed.blocks);
  return removed;
}

// Whoever puts blocks into the span meanwhile waits at one of the two locks.
bool CentralList::adopt_span(CentralList& from) {
  LockGuard guard(lock_);
  if (!from.lock_.try_lock()) return false;
  size_t bucket = kBuckets;
  uint32_t page = kNoPage;
  while (page == kNoPage && bucket > kBuckets / 2) page = from.buckets_[--bucket];
  if (page != kNoPage) {
    Span& span = heap_->arena().span(page);
    from.unlink(page);
    bump(from.free_blocks_, -uint64_t{span.free_count});
    span.list.store(id_, std::memory_order_release);
    link(page, bucket);
    bump(free_blocks_, span.free_count);
  }
  from.lock_.unlock();
  return page != kNoPage;
}

void CentralList::release_span(Span& span, uint32_t page) {
  if (span.bucket != kNoBucket) unlink(page);
  forget_lines(page);
  heap_->arena().map().set_classes(page, span_pages_, kNoClass);
  std::atomic_signal_fence(std::memory_order_release);  // a fork child makes it whole until then
  span.list.store(Span::kNoList, std::memory_order_relaxed);
  bump(free_blocks_, -blocks_per_span_);
  bump(spans_released_);
  heap_->release(page, span_pages_);
}

// What insert() needs to know: where the record and the bitmap of a span are, from its address, as
// the window is aligned like spans. In a place of its own: as far as a compiler knows, a store into
// a bitmap may change any other, which it would read again for each block.
struct CentralList::Places {
  explicit Places(const CentralList& list)
      : span_mask(list.span_pages_ * kPageBytes - 1),
        multiplier(list.multiplier_),
        word_bytes(kWordBits * list.size_),
        id(list.id_) {
    Arena& arena = list.heap_->arena();
    const auto window = reinterpret_cast<uintptr_t>(arena.map().base);
    const bool is_inline = list.bit_words_ <= Span::kInlineWords;
    const size_t bits_of_page = is_inline ? sizeof(Span) : kBitBytesPerPage;
    bits_shift = kPageShift - log2_of(bits_of_page);
    spans = reinterpret_cast<uintptr_t>(&arena.span(0)) - (window >> kSpanShift);
    bits = reinterpret_cast<uintptr_t>(list.bits_of(0)) - (window >> bits_shift);
  }

  uintptr_t start_of(uintptr_t block) const { return block & ~span_mask; }
  size_t index_of(uintptr_t block) const {
    return static_cast<size_t>(detail::high_product(block & span_mask, multiplier));
  }
  Span& span_at(uintptr_t start) const {
    return *reinterpret_cast<Span*>(spans + (start >> kSpanShift));
  }
  uint64_t* bits_at(uintptr_t start) const {
    return reinterpret_cast<uint64_t*>(bits + (start >> bits_shift));
  }

  static constexpr size_t kSpanShift = kPageShift - log2_of(sizeof(Span));
  uintptr_t span_mask;
  uint64_t multiplier;
  size_t word_bytes;  // of the blocks of one word of a bitmap
  uintptr_t spans;    // of a span at address 0
  uintptr_t bits;
  size_t bits_shift;
  uint16_t id;
};

// The span has as many free blocks as the next bucket asks for, or all.
void CentralList::enter_next_bucket(Span& span, uint32_t page) {
  if (span.free_count == blocks_per_span_) {
    release_span(span, page);
  } else {
    move(span, page);
  }
}

// Of the slots from `first` on, those whose blocks have their bits in one word of the bitmap, as
// far as none is free there: neighbours upwards or downwards, and then any. The block of the first
// has the bit `index`.
CentralList::Group CentralList::group_in_word(const Slot* first, const Slot* end, size_t index,
                                              uint64_t free) const {
  const auto address_of = [](const Slot* slot) {
    return static_cast<const char*>(slot->load(std::memory_order_relaxed));
  };
  const size_t place = index % kWordBits;
  const size_t word_blocks = std::min(kWordBits, blocks_per_span_ - (index - place));
  const char* const block = address_of(first);
  const ptrdiff_t step = address_of(first + 1) - block;
  const bool upwards = step > 0;
  const size_t beyond = upwards ? word_blocks - 1 - place : place;
  const Slot* next = first + 1;
  if (static_cast<size_t>(upwards ? step : -step) == size_) {
    const Slot* const last = next + std::min(beyond, static_cast<size_t>(end - next));
    for (const char* at = block; next != last && address_of(next) == (at += step);) ++next;
  }
  const auto blocks = static_cast<size_t>(next - first);
  uint64_t bits = ~uint64_t{0} >> (kWordBits - blocks) << (upwards ? place : place - (blocks - 1));
  if ((free & bits) != 0) return {1, uint64_t{1} << place};
  const char* const word_start = block - place * size_;
  for (; next != end; ++next) {
    const auto in_word = static_cast<size_t>(address_of(next) - word_start);
    if (in_word >= word_blocks * size_) break;
    const uint64_t bit = uint64_t{1} << index_of(in_word);
    if (((free | bits) & bit) != 0) break;
    bits |= bit;
  }
  return {static_cast<size_t>(next - first), bits};
}

// Blocks of one word of a bitmap are put back together: a thread frees together what it got
// together.
CentralList::Inserted CentralList::insert(const Slot* blocks, size_t count) {
  const Inside inside(*this);
  bump(free_blocks_, count);
  const Places at(*this);
  const Slot* const end = blocks + count;
  const Slot* next = blocks;
  bool is_twice = false;
  while (next != end) {
    const auto block = reinterpret_cast<uintptr_t>(next->load(std::memory_order_relaxed));
    const uintptr_t start = at.start_of(block);
    Span& span = at.span_at(start);
    if (TAMARI_UNLIKELY(span.list.load(std::memory_order_relaxed) != at.id)) {
      // A span that went back to the page heap had all its blocks.
      is_twice = heap_->arena().map().class_at(page_at(start)) != class_;
      break;
    }
    const size_t index = at.index_of(block);
    const size_t word = index / kWordBits;
    uint64_t& bits = at.bits_at(start)[word];
    const uint64_t free = bits;
    Group group{1, uint64_t{1} << (index % kWordBits)};
    is_twice = (free & group.bits) != 0;
    if (TAMARI_UNLIKELY(is_twice)) break;
    if (next + 1 != end) {
      const auto after = reinterpret_cast<uintptr_t>(next[1].load(std::memory_order_relaxed));
      if (after - block + at.word_bytes < 2 * at.word_bytes)
        group = group_in_word(next, end, index, free);
    }
    set_bits(bits, free | group.bits);
    next += group.blocks;
    if (word < span.first_word) span.first_word = static_cast<uint16_t>(word);
    span.flags.store(Span::kTouched, std::memory_order_relaxed);
    span.free_count += static_cast<uint32_t>(group.blocks);
    if (TAMARI_UNLIKELY(span.free_count >= span.next_bucket_at))
      enter_next_bucket(span, page_at(start));
  }
  if (next != end) bump(free_blocks_, -static_cast<uint64_t>(end - next));
  return {static_cast<size_t>(next - blocks),
          is_twice ? next->load(std::memory_order_relaxed) : nullptr};
}

bool CentralList::holds(const void* block) const {
  const size_t offset = heap_->arena().map().offset_of(block);
  const uint32_t page = page_of(offset);
  const auto [word, bit] = bit_of(offset - (size_t{page} << kPageShift));
  return (__atomic_load_n(&bits_of(page)[word], __ATOMIC_RELAXED) & bit) != 0;
}

size_t CentralList::purge_span(size_t page, bool all) {
  Arena& arena = heap_->arena();
  Span& span = arena.span(page);
  if (page % span_pages_ != 0 || span.flags.load(std::memory_order_relaxed) == 0) return 0;
  LockGuard guard(lock_);
  if (!has_span(page)) return 0;
  if (!all && span.flags.load(std::memory_order_relaxed) == Span::kTouched) {
    span.flags.store(Span::kAged, std::memory_order_relaxed);
    return 0;
  }
  span.flags.store(0, std::memory_order_relaxed);
  return purge_free_blocks(static_cast<uint32_t>(page));
}

// One system call per run of free blocks, under the lock: a span is small.
size_t CentralList::purge_free_blocks(uint32_t page) {
  const uint64_t* bits = bits_of(page);
  auto is_free = [&](size_t block) {
    return (bits[block / kWordBits] >> (block % kWordBits) & 1) != 0;
  };
  const size_t os_page = os::page_size();
  const auto start = reinterpret_cast<uintptr_t>(heap_->arena().address_of(page));
  size_t given_back = 0;
  size_t calls = 0;
  for (size_t first = 0; first < blocks_per_span_;) {
    size_t last = first;
    while (last < blocks_per_span_ && is_free(last)) ++last;
    const uintptr_t from = round_up(start + first * size_, os_page);
    const uintptr_t to = (start + last * size_) & ~(os_page - 1);
    if (from < to) {
      ++calls;
      if (os::purge(reinterpret_cast<void*>(from), to - from)) {
        given_back += to - from;
      } else {  // the next tick tries again
        heap_->arena().span(page).flags.store(Span::kAged, std::memory_order_relaxed);
      }
    }
    first = last + 1;
  }
  heap_->note_purged(given_back, calls);
  return given_back;
}

void CentralList::rebuild() {
  std::fill_n(buckets_, kBuckets, kNoPage);
  Arena& arena = heap_->arena();
  uint64_t free_blocks = 0;
  for (size_t page = 0; page < arena.committed_pages(); page += span_pages_) {
    if (!has_span(page)) continue;
    const auto first = static_cast<uint32_t>(page);
    Span& span = arena.span(page);
    const uint64_t* bits = bits_of(first);
    size_t count = 0;
    for (size_t i = 0; i < bit_words_; ++i) count += static_cast<size_t>(std::popcount(bits[i]));
    span.free_count = static_cast<uint32_t>(count);
    span.first_word = 0;
    heap_->arena().map().set_classes(page, span_pages_, static_cast<uint8_t>(class_));
    if (count > 0) {
      link(first, bucket_for(count));
    } else {
      set_aside(span);
    }
    // What was to be released stays: this thread may have forked with the page heap's lock.
    if (count == blocks_per_span_) span.flags.store(Span::kTouched, std::memory_order_relaxed);
    free_blocks += count;
  }
  free_blocks_.store(free_blocks, std::memory_order_relaxed);
}

void CentralList::reset_after_fork(Whose whose) {
  if (lock_.reset_after_fork(whose)) rebuild();
}

}  // namespace tamari
