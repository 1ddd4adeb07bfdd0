// See checked.h.
#include "heap/checked.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "heap/allocate.h"
#include "heap/large_quarantine.h"
#include "heap/quarantine.h"
#include "heap/report.h"
#include "heap/same_bytes.h"

namespace tamari {
namespace {

constexpr size_t kSlackBytes = 8;                   // at least, behind every request
constexpr size_t kNearBytes = 32;                   // of a free block, before one that is freed
constexpr size_t kMostOfNewest = kSmallBlockBytes;  // that a look at what was freed last may cost
// Of the first blocks, those from here on are cleared by the kernel: they may be untouched.
constexpr size_t kPurgeBytesFirst = 8 * 1024;
constexpr size_t kMostFilled = 512;
constexpr size_t kQuarantines = 64;
constexpr size_t kLargestFirstBlock = size_t{1} << 20;
constexpr size_t kHeaderBytes = 8;  // of allocators that round up bytes and header together

using enum BlockState;

BlockState state_of(uint32_t record) {
  return static_cast<BlockState>(record & ((1U << kBlockStateBits) - 1));
}
constexpr unsigned kCountShift = kBlockSlackShift + kBlockSlackBits + 1;

size_t slack_of(uint32_t record) {
  return record >> kBlockSlackShift & ((1U << kBlockSlackBits) - 1);
}

// Of the lowest bits of the record of a live block.
constexpr uint32_t live_of(Family family) {
  return static_cast<uint32_t>(family) << kBlockStateBits | static_cast<uint32_t>(kLive);
}
uint32_t state_and_family_of(uint32_t record) { return record & ((1U << kBlockSlackShift) - 1); }
Family family_of(uint32_t record) {
  return static_cast<Family>(state_and_family_of(record) >> kBlockStateBits);
}

// The record that ends a time of being busy: its lowest bits, and `before` as it was then, for its
// count.
uint32_t make_record(uint32_t state_and_family, size_t slack, uint32_t before) {
  return ((before >> kCountShift) + 1) << kCountShift |
         static_cast<uint32_t>(slack << kBlockSlackShift) | state_and_family;
}
constexpr auto kFreedRecord = static_cast<uint32_t>(kFreed);

// By the owner of the thread that frees, so that what it frees stays in its caches. The first is
// shared by all for whom there is no other.
struct alignas(TAMARI_CACHE_LINE) AlignedQuarantine : Quarantine {};
constinit AlignedQuarantine g_quarantines[kQuarantines];

// The first blocks are few: one quarantine's memory has to do.
size_t quarantines() {
  return g_heap.checks_all() ? std::min<size_t>(kQuarantines, g_heap.owners.count()) : 1;
}

// May be null, here and below.
Owner* own() {
  Owner* known = known_owner();
  return TAMARI_LIKELY(known != nullptr) ? known : current_owner();
}

// The id of a thread's owner is not 0.
TAMARI_INLINE bool has_quarantine(const Owner* owner, bool all) {
  return all && owner != nullptr && owner->id < kQuarantines;
}

size_t quarantine_of(const Owner* owner, bool all) {
  return has_quarantine(owner, all) ? owner->id : 0;
}

Access access_to(size_t quarantine, const Owner* owner) {
  if (quarantine == 0) return Access::kShared;
  return quarantine == quarantine_of(owner, g_heap.checks_all()) ? Access::kOwn : Access::kStranger;
}

// Returns a block that leaves, or none. (Laundered: gcc would work out the address twice.)
TAMARI_INLINE Waiting exchange(const Owner* owner, const void* block, size_t size_class, bool all) {
  if (TAMARI_UNLIKELY(!has_quarantine(owner, all)))
    return g_quarantines[0].exchange({block, size_class}, Access::kShared);
  return __builtin_launder(&g_quarantines[owner->id])->exchange({block, size_class}, Access::kOwn);
}

// How far into its span; 0 of what is no block of a class.
TAMARI_INLINE size_t offset_in_span(size_t size_class, const void* block) {
  return g_page_map.offset_of(block) & g_page_map.offset_mask[size_class];
}

// Also of a large block; or, for a report or a second free, of what was one or a span a moment ago.
TAMARI_INLINE std::atomic<uint32_t>& record_at(size_t size_class, const void* block,
                                               size_t in_span) {
  const size_t page = (g_page_map.offset_of(block) - in_span) >> kPageShift;
  const size_t index = detail::high_product(in_span, g_page_map.multiplier[size_class]);
  return g_heap.arena.block_record(page, index);
}

TAMARI_INLINE std::atomic<uint32_t>& record_in(size_t size_class, const void* block) {
  return record_at(size_class, block, offset_in_span(size_class, block));
}

size_t class_of_block(const void* block) { return g_page_map.class_at(g_page_map.page_of(block)); }

std::atomic<uint32_t>& record_of(const void* block) {
  return record_in(class_of_block(block), block);
}

// Of the block `before` that of the record, in the same span.
TAMARI_INLINE const std::atomic<uint32_t>& record_before(const std::atomic<uint32_t>& word,
                                                         size_t size_class, const char* before) {
  if (reinterpret_cast<uintptr_t>(&word) % Arena::kRecordLineBytes != 0) return (&word)[-1];
  return record_in(size_class, before);
}

// Bytes behind a request that hold the pattern: of the first blocks no more than lie in one page,
// or two, as what nobody writes to is not to become resident.
TAMARI_INLINE size_t filled(size_t slack, bool all) {
  return all ? slack : std::min(slack, kMostFilled);
}

// Bytes behind a request that a program may overwrite, as it could elsewhere.
TAMARI_INLINE size_t let_pass(size_t asked, bool all) {
  if (all) return 0;
  return round_up(asked + kHeaderBytes, kMinAlignment) - kHeaderBytes - asked;
}

// That of a live block, whose record this is.
TAMARI_INLINE uint64_t pattern_of(uint32_t record, bool all) {
  return !all && (record & kBlockSlackIsZero) != 0 ? 0 : g_heap.slack_pattern();
}

// What is let pass stays zero: a string that lacks its end finds one there.
TAMARI_INLINE void fill_slack(char* block, size_t size, size_t slack, bool all) {
  const size_t asked = size - slack;
  const size_t spared = let_pass(asked, all);
  fill(block + asked + spared, filled(slack, all) - spared, g_heap.slack_pattern());
}

[[noreturn]] void fail(const char* code, const char* what, const void* block, const char* advice,
                       size_t asked = kUnknownSize) {
  fail_pointer(code, what, block, advice, asked);
}

// Asked before each complaint about what was found in memory: once checks have ended, other threads
// write there, and their records are out of date.
bool have_ended() {
  os::barrier_all_threads();  // what was found, was found before this is asked
  return !g_heap.checks();
}

[[noreturn]] void fail_touched(const char* block) {
  fail("use-after-free", "a block was written to after it had been freed:", block,
       "look for a pointer that outlived its free");
}

TAMARI_INLINE void check_untouched(const char* block, size_t bytes) {
  if (all_of_block_are(block, bytes, 0) || have_ended()) return;
  fail_touched(block);
}

// The kernel took the pages of a freed large block. Those that nobody has touched since read as
// zero, and a look at them would be a fault each. (What was touched and swapped out is not seen.)
// The first blocks are small, and by default the kernel is asked this for reports alone.
void check_untouched_large(const char* block, size_t bytes) {
  unsigned char resident[256];  // enough also where an emulator counts in pages of its host
  constexpr size_t kMost = sizeof resident * kLeastOsPage;
  const size_t os_page = os::page_size();
  for (const char *from = block, *end = block + bytes; from < end; from += kMost) {
    const size_t length = std::min(static_cast<size_t>(end - from), kMost);
    const bool is_known = g_heap.checks_all() && os::look_resident(from, length, resident);
    for (size_t i = 0; i < length / os_page; ++i) {
      if (is_known && (resident[i] & 1) == 0) continue;
      if (!all_of_block_are(from + i * os_page, os_page, 0) && !have_ended()) fail_touched(block);
    }
  }
}

TAMARI_INLINE bool is_slack_whole(const char* block, size_t size, uint32_t record, bool all) {
  const size_t slack = slack_of(record);
  if (slack == 0) return true;  // checked_usable()
  const size_t asked = size - slack;
  const size_t spared = let_pass(asked, all);
  return all_are(block + asked + spared, filled(slack, all) - spared, pattern_of(record, all));
}

[[noreturn]] void fail_overflow(const char* block, size_t asked = kUnknownSize) {
  fail("overflow", "bytes behind a block were overwritten:", block,
       "look for a write past the size that was asked for", asked);
}

TAMARI_INLINE void check_slack(const char* block, size_t size, uint32_t record, bool all) {
  if (!is_slack_whole(block, size, record, all) && !have_ended())
    fail_overflow(block, size - slack_of(record));
}

// In the block before this one, while another thread may write there.
TAMARI_RACY_READ uint64_t word_at(const char* from) {
  return __atomic_load_n(reinterpret_cast<const uint64_t*>(from), __ATOMIC_RELAXED);
}

// Of the live block that ends here, whose record this is: it has its pattern, or none.
bool is_end_as_expected(uint32_t record, const char* end) {
  const bool all = g_heap.checks_all();
  const size_t slack = slack_of(record);
  if (slack == 0 || filled(slack, all) != slack) return true;
  return word_at(end - kSlackBytes) == pattern_of(record, all);
}

// What lies before the block is not what is expected of its neighbour, whose record `word` is.
TAMARI_SLOW void complain_of_before(const std::atomic<uint32_t>& word, uint32_t record,
                                    const char* block, size_t asked) {
  const BlockState before = state_of(record);
  if (before == kBusy) return;
  if (before == kLive && is_end_as_expected(record, block)) return;
  TAMARI_FENCE(std::memory_order_acquire);  // pairs with that of make_busy()
  if (word.load(std::memory_order_relaxed) != record || have_ended()) return;
  fail("underflow", "bytes before a block were overwritten:", block,
       "look for a write before the block, or past the end of the one below it", asked);
}

// The end of the block before this one, in the same span: what lies behind its request, or if it is
// free the last kNearBytes. Another thread may be changing them: then the record, read before and
// after, is busy or has another count.
TAMARI_INLINE void check_before(const std::atomic<uint32_t>& own, const char* block,
                                size_t size_class, size_t in_span, size_t size, size_t asked) {
  if (in_span == 0) return;
  const std::atomic<uint32_t>& word = record_before(own, size_class, block - size);
  const uint32_t record = word.load(std::memory_order_acquire);
  // No branch on the state, which nobody can foresee: the odd ones are kLive and kBusy.
  const uint64_t is_used = -uint64_t{record & 1};
  static_assert(kSlackBytes == sizeof is_used && kNearBytes == 4 * sizeof is_used);
  const char* near = block - std::min(size, kNearBytes);
  const uint64_t last = word_at(block - kSlackBytes) ^ (g_heap.slack_pattern() & is_used);
  const uint64_t others =
      word_at(near) | word_at(near + sizeof others) | word_at(block - 2 * sizeof others);
  if (TAMARI_UNLIKELY((last | (others & ~is_used)) != 0))
    complain_of_before(word, record, block, asked);
}

[[noreturn]] void fail_not_live(uint32_t record, const void* block, const char* code,
                                const char* function) {
  char what[96];
  Text text(what, sizeof what);
  const bool freed = state_of(record) != kNever;
  if (freed && std::strcmp(function, "free") == 0) report_double_free(const_cast<void*>(block));
  text.add(function).add(freed ? " of a block that is free already:"
                               : " of a place that was never handed out:");
  fail(code, what, block, "look for an earlier free of the same pointer, or a wrong pointer");
}

void complain_of_size(size_t said, size_t asked, size_t size, const void* block) {
  if (!g_heap.checks_all()) {
    if (said > size) report_size_mismatch(block, said, asked);
    return;
  }
  char what[128];
  Text text(what, sizeof what);
  text.add("a sized free gave ").number(said).add(" bytes, not what was asked for:");
  fail("size-mismatch", what, block, "delete objects through their own type, arrays with delete[]",
       asked);
}

// A block that was asked for at that alignment lies at a multiple of it, and it is a power of two.
TAMARI_INLINE void check_alignment(const void* block, size_t alignment_said) {
  if (TAMARI_LIKELY(alignment_said == kNoAlignment) || !g_heap.checks_all()) return;
  if (!is_power_of_two(alignment_said) || reinterpret_cast<uintptr_t>(block) % alignment_said != 0)
    fail_alignment(block, alignment_said);
}

TAMARI_INLINE size_t class_for(size_t bytes, size_t alignment) {
  if (alignment > kMinAlignment) return class_of_aligned(bytes, alignment);
  return bytes <= kMaxClassBytes ? class_of_size(bytes) : kNoClass;
}

// Makes the record of a live block busy, and returns it as it was: of two threads that free the
// block at once, one finds it busy.
uint32_t make_busy(std::atomic<uint32_t>& word) {
  const uint32_t before = word.exchange(static_cast<uint32_t>(kBusy), std::memory_order_acq_rel);
  TAMARI_FENCE(std::memory_order_release);  // before what is changed meanwhile
  return before;
}

// The same of a free block, which is the caller's alone: a wrong free finds it free, or busy.
uint32_t make_own_busy(std::atomic<uint32_t>& word) {
  const uint32_t before = word.load(std::memory_order_relaxed);
  word.store(static_cast<uint32_t>(kBusy), std::memory_order_relaxed);
  TAMARI_FENCE(std::memory_order_release);  // before what is changed meanwhile
  return before;
}

// The block is not live, or of another family, which the first blocks may be.
TAMARI_SLOW void complain_of_record(uint32_t record, Family freed_by, const char* block,
                                    size_t size) {
  if (state_of(record) != kLive) fail_not_live(record, block, "invalid-free", "free");
  if (g_heap.checks_all())
    report_family_mismatch(family_of(record), freed_by, block, size - slack_of(record));
}

// Marks the block as being freed, and returns its record as it was.
TAMARI_INLINE uint32_t close(std::atomic<uint32_t>& word, char* block, size_t size_class,
                             size_t in_span, size_t size, Family family, size_t bytes_said,
                             bool all) {
  const uint32_t record = make_busy(word);
  if (TAMARI_UNLIKELY(state_and_family_of(record) != live_of(family)))
    complain_of_record(record, family, block, size);
  const size_t asked = size - slack_of(record);
  check_slack(block, size, record, all);
  if (bytes_said != kNoSize && bytes_said != asked)
    complain_of_size(bytes_said, asked, size, block);
  check_before(word, block, size_class, in_span, size, asked);
  return record;
}

TAMARI_INLINE void clear(char* block, size_t size, bool all) {
  if (all || size < kPurgeBytesFirst) {
    fill_block(block, size, 0);
    return;
  }
  const size_t os_page = os::page_size();
  char* from = reinterpret_cast<char*>(round_up(reinterpret_cast<uintptr_t>(block), os_page));
  char* to = reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(block + size) & ~(os_page - 1));
  if (from >= to || !os::purge(from, static_cast<size_t>(to - from))) from = to = block + size;
  std::memset(block, 0, static_cast<size_t>(from - block));
  std::memset(to, 0, static_cast<size_t>(block + size - to));
}

// Blocks of no bytes are large ones of which all is inaccessible, under check=all. A mapping each:
// not more than a process can spare.
constexpr size_t kMostEmptyBlocks = 4096;
std::atomic<size_t> g_empty_blocks{0};

bool takes_empty_place() {
  if (!g_heap.checks_all()) return false;
  if (g_empty_blocks.fetch_add(1, std::memory_order_relaxed) < kMostEmptyBlocks) return true;
  g_empty_blocks.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

// A block of a class, and how far into its span it lies.
struct Taken {
  char* block = nullptr;
  size_t in_span = 0;
};

// The block is the caller's from here on.
TAMARI_INLINE void* open(Taken taken, size_t size_class, size_t bytes, Family family, bool all) {
  char* block = taken.block;
  const size_t size = kSizeClasses[size_class].size;
  const size_t slack = size - bytes;
  std::atomic<uint32_t>& word = record_at(size_class, block, taken.in_span);
  const uint32_t before = make_own_busy(word);
  // A look at fresh memory would be a fault a page.
  if (TAMARI_LIKELY(state_of(before) == kFreed)) check_untouched(block, size);
  fill_slack(block, size, slack, all);
  word.store(make_record(live_of(family), slack, before), std::memory_order_release);
  return block;
}

void* open_large(char* block, size_t bytes, Family family) {
  const size_t size = large_size(block);
  const size_t slack = size - bytes;
  std::atomic<uint32_t>& word = record_in(kLargeFirst, block);
  const uint32_t before = make_own_busy(word);
  if (state_of(before) == kFreed) check_untouched_large(block, size);
  if (slack != 0) fill_slack(block, size, slack, g_heap.checks_all());
  word.store(make_record(live_of(family), slack, before), std::memory_order_release);
  return block;
}

TAMARI_NOINLINE void check_waiting(Waiting waiting, size_t most = SIZE_MAX) {
  const std::atomic<uint32_t>& word = record_in(waiting.size_class(), waiting.block());
  if (state_of(word.load(std::memory_order_relaxed)) == kFreed)
    check_untouched(waiting.block(), std::min(waiting.bytes(), most));
}

// What this thread freed last: who writes to a block after its free often does so at once.
void check_newest(const Owner* owner) {
  const size_t quarantine = quarantine_of(owner, g_heap.checks_all());
  g_quarantines[quarantine].look_at_newest(
      access_to(quarantine, owner), [](Waiting waiting) { check_waiting(waiting, kMostOfNewest); });
}

// A miss costs more than that look.
TAMARI_NOINLINE void* take_slow(const Owner* owner, size_t size_class) {
  check_newest(owner);
  return allocate_class_slow(size_class);
}

TAMARI_INLINE char* take(Owner* owner, size_t size_class) {
  void* block = owner == nullptr ? nullptr : owner->cache.pop(size_class);
  return static_cast<char*>(TAMARI_LIKELY(block != nullptr) ? block : take_slow(owner, size_class));
}

// The first blocks are looked at here too: few are handed out again.
TAMARI_INLINE void leave(Owner* owner, Waiting leaving, bool all) {
  if (TAMARI_UNLIKELY(!leaving)) return;
  if (!all && g_heap.checks()) check_waiting(leaving);
  if (owner != nullptr && owner->cache.push(leaving.size_class(), leaving.block())) return;
  return_block(leaving.block(), leaving.size_class());
}

// What waits goes back to where it came from. False if nothing waited.
bool empty_quarantines() {
  bool found = empty_large_quarantine();
  Owner* owner = own();
  for (size_t i = 0; i < quarantines(); ++i) {
    Waiting leaving[Quarantine::kPlaces];
    size_t count = 0;
    g_quarantines[i].for_each(access_to(i, owner), true, [&](Waiting waiting) {
      leaving[count++] = waiting;
      return true;
    });
    found |= count != 0;
    while (count > 0) leave(owner, leaving[--count], g_heap.checks_all());
  }
  return found;
}

size_t block_size(const void* block) {
  const size_t size_class = class_of_block(block);
  return size_class == kLargeFirst ? large_size(block) : kSizeClasses[size_class].size;
}

// Looks at what was freed and waits. Waits for no lock.
void check_what_waits() {
  const Owner* owner = known_owner();
  for (size_t i = 0; i < quarantines() && g_heap.checks(); ++i) {
    g_quarantines[i].for_each(access_to(i, owner), false, [](Waiting waiting) {
      check_waiting(waiting);
      return false;
    });
  }
}

// Held while a large block becomes inaccessible: what is live under it can be read.
constinit Lock g_closing_large;

// Another thread may be freeing the block: then its record is busy, or has another count, and its
// page may be nobody's already.
bool is_overflowed(size_t size_class, const char* block, size_t size) {
  const std::atomic<uint32_t>& word = record_in(size_class, block);
  const uint32_t record = word.load(std::memory_order_acquire);
  if (state_of(record) != kLive) return false;
  if (is_slack_whole(block, size, record, g_heap.checks_all())) return false;
  TAMARI_FENCE(std::memory_order_acquire);  // pairs with that of make_busy()
  return word.load(std::memory_order_relaxed) == record;
}

// Null: no live block of the span is, or somebody is busy with its class.
const char* overflowed_in_span(size_t size_class, size_t page) {
  const SizeClass& c = kSizeClasses[size_class];
  const char* found = nullptr;
  g_heap.shared.central.of_span(size_class, page).while_held(page, [&] {
    const char* block = g_page_map.address_of(page);
    for (size_t i = 0; i < c.block_count && found == nullptr; ++i, block += c.size)
      if (is_overflowed(size_class, block, c.size)) found = block;
  });
  return found;
}

const char* overflowed_large(size_t page) {
  const HandlerGuard guard(g_closing_large, false);
  if (guard.was_held() || g_page_map.class_at(page) != kLargeFirst) return nullptr;
  const char* block = g_page_map.address_of(page);
  return is_overflowed(kLargeFirst, block, large_size(block)) ? block : nullptr;
}

const char* overflowed_from(size_t page) {
  const size_t c = g_page_map.class_at(page);
  if (c == kLargeFirst) return overflowed_large(page);
  const bool is_span = c != kNoClass && c < kClassCount && page % kSizeClasses[c].span_pages == 0;
  return is_span ? overflowed_in_span(c, page) : nullptr;
}

// Looks behind the live blocks. Waits for no lock.
void check_what_lives() {
  const size_t pages = g_heap.arena.committed_pages();
  for (size_t page = 0; page < pages; ++page) {
    const char* block = overflowed_from(page);
    if (block != nullptr) fail_overflow(block);
  }
}

void end_first_checks() {
  check_what_waits();
  g_heap.end_checks();
  empty_quarantines();
}

// The bytes before the first block of a span are not ours to look at: while others can be had, it
// waits. Returns the block to use.
TAMARI_SLOW char* put_aside_first(Owner* owner, char* block, size_t size_class) {
  if (!g_heap.checks() || !g_heap.arena.has_block_records(g_page_map.page_of(block))) return block;
  char* other = take(owner, size_class);
  if (other == nullptr) return block;
  const bool all = g_heap.checks_all();
  leave(owner, exchange(owner, block, size_class, all), all);
  return other;
}

TAMARI_INLINE Taken take_inner(Owner* owner, size_t size_class) {
  char* block = take(owner, size_class);
  if (TAMARI_UNLIKELY(block == nullptr)) return {};
  size_t in_span = offset_in_span(size_class, block);
  if (TAMARI_UNLIKELY(in_span == 0)) {
    block = put_aside_first(owner, block, size_class);
    in_span = offset_in_span(size_class, block);
  }
  return {block, in_span};
}

// The first blocks; and under check=all, where checks never end, what is large, more aligned, of no
// bytes, or comes after a failure.
TAMARI_NOINLINE void* allocate_unusual(size_t bytes, size_t alignment, Family family) {
  const bool all = g_heap.checks_all();
  if (bytes > kMaxRequest - kPageBytes - kSlackBytes) return nullptr;
  if (!all && !g_heap.count_first()) {
    end_first_checks();
    return allocate_aligned(bytes, alignment, family);
  }
  const bool empty = bytes == 0 && takes_empty_place();
  const size_t wanted = empty ? 0 : bytes + kSlackBytes;
  const size_t size_class = empty ? kNoClass : class_for(wanted, alignment);
  Taken taken;
  do {
    if (size_class == kNoClass) {
      taken.block = static_cast<char*>(allocate_large(wanted, alignment, nullptr, true));
    } else {
      taken = take_inner(own(), size_class);
    }
  } while (taken.block == nullptr && empty_quarantines());
  char* block = taken.block;
  if (block == nullptr && empty) g_empty_blocks.fetch_sub(1, std::memory_order_relaxed);
  if (block == nullptr) return nullptr;
  if (!all && !g_heap.arena.has_block_records(g_page_map.page_of(block))) end_first_checks();
  // Asked after the block was taken: who freed it without checks had seen them end.
  if (all || g_heap.checks()) {
    if (size_class == kNoClass) return open_large(block, bytes, family);
    return open(taken, size_class, bytes, family, all);
  }
  empty_quarantines();
  return block;
}

TAMARI_INLINE void deallocate_by(bool all, void* pointer, size_t size_class, Family family,
                                 size_t bytes_said, size_t alignment_said) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  check_alignment(pointer, alignment_said);
  auto* block = static_cast<char*>(pointer);
  const size_t size = kSizeClasses[size_class].size;
  Owner* owner = own();
  if (TAMARI_LIKELY(owner != nullptr)) {
    owner->counters.add(Counter::checked_frees);
  } else {
    count(Counter::checked_frees);
  }
  const size_t in_span = offset_in_span(size_class, block);
  std::atomic<uint32_t>& word = record_at(size_class, block, in_span);
  // What is looked at next, while the exchange in the record still waits for its line.
  TAMARI_PREFETCH(block - 1, false);
  TAMARI_PREFETCH(block, true);
  TAMARI_PREFETCH(block + size - 1, true);
  const uint32_t record = close(word, block, size_class, in_span, size, family, bytes_said, all);
  clear(block, size, all);
  word.store(make_record(kFreedRecord, 0, record), std::memory_order_release);
  leave(owner, exchange(owner, block, size_class, all), all);
  if (!all && !g_heap.checks()) empty_quarantines();
}

TAMARI_NOINLINE void deallocate_first(void* pointer, size_t size_class, Family family,
                                      size_t bytes_said, size_t alignment_said) {
  deallocate_by(false, pointer, size_class, family, bytes_said, alignment_said);
}

}  // namespace

bool is_first_to_be_checked(size_t bytes) {
  if (bytes <= kLargestFirstBlock) return true;
  end_first_checks();
  return false;
}

void check_at_exit() {
  check_what_waits();
  if (g_heap.checks_all()) check_what_lives();
}

void* checked_allocate(size_t bytes, size_t alignment, Family family) {
  const bool is_usual = bytes - 1 < kMaxClassBytes - kSlackBytes && alignment <= kMinAlignment;
  if (TAMARI_LIKELY(is_usual && g_heap.checks_all())) {
    const size_t size_class = class_of_size(bytes + kSlackBytes);
    const Taken taken = take_inner(own(), size_class);
    if (TAMARI_LIKELY(taken.block != nullptr)) return open(taken, size_class, bytes, family, true);
    if (!empty_quarantines()) return nullptr;
  }
  return allocate_unusual(bytes, alignment, family);
}

void checked_deallocate(void* block, size_t size_class, Family family, size_t bytes_said,
                        size_t alignment_said) {
  if (TAMARI_UNLIKELY(!g_heap.checks_all()))
    return deallocate_first(block, size_class, family, bytes_said, alignment_said);
  deallocate_by(true, block, size_class, family, bytes_said, alignment_said);
}

void checked_deallocate_large(void* pointer, Family family, size_t bytes_said,
                              size_t alignment_said) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  check_alignment(pointer, alignment_said);
  auto* block = static_cast<char*>(pointer);
  count(Counter::checked_frees);
  count(Counter::free_large);
  const size_t size = large_size(block);
  std::atomic<uint32_t>& word = record_of(block);
  const uint32_t record =
      close(word, block, kLargeFirst, 0, size, family, bytes_said, g_heap.checks_all());
  word.store(make_record(kFreedRecord, 0, record), std::memory_order_release);
  if (size == 0) g_empty_blocks.fetch_sub(1, std::memory_order_relaxed);
  const LargeRun run = forget_large(block);
  char* start = g_page_map.address_of(run.first);
  const size_t bytes = run.pages << kPageShift;
  if (!os::purge(start, bytes)) std::memset(block, 0, size);  // locked in memory, perhaps
  {
    const HandlerGuard guard(g_closing_large);
    if (!guard.was_held()) os::protect(start, bytes);
  }
  quarantine_large(run);
  if (!g_heap.checks()) empty_quarantines();
}

// Under check=all it reads as zero already, and what lies behind the request is not the program's.
void checked_zero(void* pointer, size_t bytes) {
  if (g_heap.checks_all()) return;
  auto* block = static_cast<char*>(pointer);
  const size_t clean = bytes > kMaxClassBytes ? bytes : 0;
  std::atomic<uint32_t>& word = record_of(block);
  const uint32_t before = make_busy(word);
  std::memset(block + clean, 0, bytes - clean + filled(slack_of(before), false));
  const uint32_t zeroed = make_record(state_and_family_of(before), slack_of(before), before);
  word.store(zeroed | kBlockSlackIsZero, std::memory_order_release);
}

size_t checked_size(const void* block, const char* code, const char* function) {
  const uint32_t record = record_of(block).load(std::memory_order_acquire);
  if (state_of(record) != kLive) fail_not_live(record, block, code, function);
  return block_size(block) - slack_of(record);
}

// Who asks may use what lies behind the request, and finds zeros there: of calloc they are
// promised.
size_t checked_usable(const void* pointer, const char* code, const char* function) {
  const size_t asked = checked_size(pointer, code, function);
  if (g_heap.checks_all()) return asked;
  auto* block = static_cast<char*>(const_cast<void*>(pointer));
  const size_t size = block_size(block);
  std::atomic<uint32_t>& word = record_of(block);
  const uint32_t before = word.load(std::memory_order_relaxed);
  const uint32_t told = make_record(state_and_family_of(before), 0, before);
  const size_t slack = slack_of(word.exchange(told, std::memory_order_acq_rel));
  if (slack != 0) {
    TAMARI_FENCE(std::memory_order_release);  // as in make_busy()
    const size_t spared = let_pass(asked, false);
    std::memset(block + asked + spared, 0, filled(slack, false) - spared);
  }
  return size;
}

bool checked_resize(void* pointer, size_t bytes) {
  auto* block = static_cast<char*>(pointer);
  const size_t size = block_size(block);
  std::atomic<uint32_t>& word = record_of(block);
  const uint32_t record = word.load(std::memory_order_relaxed);
  const size_t slack = slack_of(record);
  const bool told_all = slack == 0;  // checked_usable()
  if (g_heap.checks_all() || !fits_in_place(size, bytes)) return false;
  if (told_all) return true;
  if (bytes > size - kSlackBytes) return false;
  check_slack(block, size, record, false);
  const uint32_t before = make_busy(word);
  std::memset(block + size - slack, 0, filled(slack, false));
  fill_slack(block, size, size - bytes, false);
  word.store(make_record(state_and_family_of(before), size - bytes, before),
             std::memory_order_release);
  return true;
}

size_t checked_slack(const void* block) {
  const uint32_t record = record_of(block).load(std::memory_order_relaxed);
  return state_of(record) == kLive ? slack_of(record) : kNoSize;
}

size_t quarantined_bytes() {
  size_t bytes = large_quarantine_bytes();
  for (size_t i = 0; i < quarantines(); ++i) bytes += g_quarantines[i].bytes();
  return bytes;
}

bool is_inside_checks() {
  bool inside = HandlerGuard::any();
  for (size_t i = 0; i < quarantines(); ++i) inside |= g_quarantines[i].is_mine();
  return inside;
}

void reset_checks_after_fork(Whose whose) {
  if (whose == Whose::kMine) HandlerGuard::forget();
  for (size_t i = 0; i < quarantines(); ++i) g_quarantines[i].reset_after_fork(whose);
  g_closing_large.reset_after_fork(whose);
  reset_large_quarantine_after_fork(whose);
}

}  // namespace tamari
