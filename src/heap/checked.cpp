// See checked.h.
#include "heap/checked.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "heap/allocate.h"
#include "heap/quarantine.h"
#include "heap/report.h"

namespace tamari {
namespace {

constexpr size_t kSlackBytes = 8;  // at least, behind every request
// Blocks from here on are cleared by the kernel: sooner where they are few, and may be untouched.
constexpr size_t kPurgeBytes = 32 * 1024;
constexpr size_t kPurgeBytesFirst = 8 * 1024;
constexpr size_t kMostFilled = 512;
constexpr size_t kStripes = 64;
constexpr size_t kLargestFirstBlock = size_t{1} << 20;
constexpr size_t kHeaderBytes = 8;   // of allocators that round up bytes and header together
constexpr size_t kChoices = 8;       // of free blocks, under check=all
constexpr size_t kLargePlaces = 32;  // large blocks that wait inaccessible
constexpr size_t kLargeWaiting = size_t{1} << 30;

using enum BlockState;

BlockState state_of(uint32_t record) {
  return static_cast<BlockState>(record & ((1U << kBlockStateBits) - 1));
}
size_t slack_of(uint32_t record) { return record >> kBlockStateBits; }
uint32_t make_record(BlockState state, size_t slack) {
  return static_cast<uint32_t>(slack << kBlockStateBits) | static_cast<uint32_t>(state);
}

// Guards the records of the spans that fall to it, and what neighbours may ask of each other.
struct alignas(TAMARI_CACHE_LINE) Stripe {
  Lock lock;
  Quarantine quarantine;
};
constinit Stripe g_stripes[kStripes];

struct LargeRuns {
  Lock lock;
  size_t next = 0;
  size_t bytes = 0;
  struct Place {
    size_t first = 0;
    size_t pages = 0;
  } places[kLargePlaces];

  void forget() {
    bytes = 0;
    for (Place& place : places) place = {};
  }
};
constinit LargeRuns g_large_runs;

// The first blocks are few: one quarantine's memory has to do.
size_t stripes() { return g_heap.checks_all() ? kStripes : 1; }

Stripe& stripe_of(const void* block) {
  return g_stripes[(g_page_map.page_of(block) >> 3) % stripes()];
}

std::atomic<uint32_t>& record_of(const void* block) {
  const size_t page = g_page_map.page_of(block);
  const size_t size_class = g_page_map.class_at(page);
  // A large block; or, for a report or a second free, what was one or a span a moment ago.
  if (size_class == kNoClass || size_class >= kClassCount)
    return g_heap.arena.block_record(page, 0);
  const SizeClass& c = kSizeClasses[size_class];
  const size_t span_mask = c.span_pages - 1;
  const size_t offset = g_page_map.offset_of(block) & (span_mask << kPageShift | (kPageBytes - 1));
  return g_heap.arena.block_record(page & ~span_mask, detail::high_product(offset, c.multiplier));
}

unsigned char pattern() { return static_cast<unsigned char>(os::start_info().random | 1); }

// Bytes behind a request that hold the pattern: of the first blocks no more than lie in one page,
// or two, as what nobody writes to is not to become resident.
size_t filled(size_t slack) { return g_heap.checks_all() ? slack : std::min(slack, kMostFilled); }

bool all_are(const char* from, size_t bytes, unsigned char value) {
  if (bytes == 0) return true;
  const auto* at = reinterpret_cast<const unsigned char*>(from);
  return at[0] == value && std::memcmp(at, at + 1, bytes - 1) == 0;
}

[[noreturn]] void fail(const char* code, const char* what, const void* block, const char* advice) {
  fail_pointer(code, what, block, advice);
}

// Asked before each complaint about what was found in memory: once checks have ended, other threads
// write there, and their records are out of date.
bool have_ended() {
  os::barrier_all_threads();  // what was found, was found before this is asked
  return !g_heap.checks();
}

void check_untouched(const char* block, size_t bytes) {
  if (all_are(block, bytes, 0) || have_ended()) return;
  fail("use-after-free", "a block was written to after it had been freed:", block,
       "look for a pointer that outlived its free");
}

void check_slack(const char* block, size_t size, size_t slack) {
  const size_t asked = size - slack;
  const size_t let_pass =
      g_heap.checks_all() ? 0
                          : round_up(asked + kHeaderBytes, kMinAlignment) - kHeaderBytes - asked;
  if (all_are(block + asked + let_pass, filled(slack) - let_pass, pattern()) || have_ended())
    return;
  fail("overflow", "bytes behind a block were overwritten:", block,
       "look for a write past the size that was asked for");
}

// The last bytes of the block before this one, in the same span. Under the stripe's lock.
void check_before(const char* block, size_t size) {
  const size_t size_class = g_page_map.class_at(g_page_map.page_of(block));
  if (size_class == kLargeFirst) return;
  const size_t span_bytes = kSizeClasses[size_class].span_pages * kPageBytes;
  if (g_page_map.offset_of(block) % span_bytes < size) return;
  const uint32_t record = record_of(block - size).load(std::memory_order_acquire);
  const BlockState before = state_of(record);
  if (before == kBusy || (before == kLive && filled(slack_of(record)) != slack_of(record))) return;
  if (all_are(block - kSlackBytes, kSlackBytes, before == kLive ? pattern() : 0) || have_ended())
    return;
  fail("underflow", "bytes before a block were overwritten:", block,
       "look for a write before the block, or past the end of the one below it");
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

void check_said(size_t said, size_t asked, size_t size, const void* block) {
  if (said == kNoSize || said == asked) return;
  if (!g_heap.checks_all()) {
    if (said > size) report_size_mismatch(block, said);
    return;
  }
  char what[128];
  Text text(what, sizeof what);
  text.add("a sized free gave ").number(said).add(" bytes, not what was asked for:");
  fail("size-mismatch", what, block, "delete objects through their own type, arrays with delete[]");
}

// Marks the block as being freed.
void close(char* block, size_t size, size_t bytes_said) {
  HandlerGuard guard(stripe_of(block).lock);
  std::atomic<uint32_t>& word = record_of(block);
  const uint32_t record = word.load(std::memory_order_relaxed);
  if (state_of(record) != kLive) fail_not_live(record, block, "invalid-free", "free");
  check_slack(block, size, slack_of(record));
  check_said(bytes_said, size - slack_of(record), size, block);
  check_before(block, size);
  word.store(make_record(kBusy, 0), std::memory_order_relaxed);
}

void clear(char* block, size_t size) {
  if (size < (g_heap.checks_all() ? kPurgeBytes : kPurgeBytesFirst)) {
    std::memset(block, 0, size);
    return;
  }
  const size_t os_page = os::page_size();
  char* from = reinterpret_cast<char*>(round_up(reinterpret_cast<uintptr_t>(block), os_page));
  char* to = reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(block + size) & ~(os_page - 1));
  if (from >= to || !os::purge(from, static_cast<size_t>(to - from))) from = to = block + size;
  std::memset(block, 0, static_cast<size_t>(from - block));
  std::memset(to, 0, static_cast<size_t>(block + size - to));
}

// The block is the caller's from here on.
void* open(char* block, size_t size, size_t bytes) {
  const size_t slack = size - bytes;
  std::atomic<uint32_t>& word = record_of(block);
  bool was_freed = false;
  {
    HandlerGuard guard(stripe_of(block).lock);
    // One access: a load first would be one more fault in a page of fresh records.
    was_freed = state_of(word.exchange(make_record(kBusy, 0), std::memory_order_relaxed)) == kFreed;
  }
  if (was_freed) check_untouched(block, size);  // a look at fresh memory would be a fault a page
  std::memset(block + bytes, pattern(), filled(slack));
  word.store(make_record(kLive, slack), std::memory_order_release);
  return block;
}

// Exchanges a block that was taken from this thread's array for any of it and the topmost ones.
void* choose(Owner& owner, size_t size_class, void* block) {
  static std::atomic<uint64_t> state{0};
  void* others[kChoices - 1];
  size_t count = 0;
  while (count < kChoices - 1) {
    others[count] = owner.cache.pop(size_class);
    if (others[count] == nullptr) break;
    ++count;
  }
  const uint64_t seed = state.load(std::memory_order_relaxed) ^ os::start_info().random;
  const uint64_t drawn = seed * 6364136223846793005U + 1442695040888963407U;  // Knuth, MMIX
  state.store(drawn, std::memory_order_relaxed);
  const size_t chosen = (drawn >> 33) % (count + 1);
  if (chosen < count) std::swap(block, others[chosen]);
  for (size_t i = 0; i < count; ++i) owner.cache.put_back(size_class, others[i]);
  return block;
}

void* take(size_t size_class) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  Owner* owner = current_owner();
  void* block = owner == nullptr ? nullptr : owner->cache.pop(size_class);
  if (block == nullptr) block = allocate_class_slow(size_class);
  const bool any = g_heap.checks_all() && owner != nullptr && block != nullptr;
  return any ? choose(*owner, size_class, block) : block;
}

void leave(const Waiting& leaving) {
  if (leaving.block == nullptr) return;
  return_block(leaving.block, g_page_map.class_at(g_page_map.page_of(leaving.block)));
}

bool release_runs();

// What waits goes back to where it came from. False if nothing waited.
bool empty_quarantines() {
  bool found = release_runs();
  for (size_t i = 0; i < stripes(); ++i) {
    size_t place = 0;
    while (true) {
      const Waiting leaving = g_stripes[i].quarantine.take_from(place);
      if (leaving.block == nullptr) break;
      leave(leaving);
      found = true;
    }
  }
  return found;
}

// --- Large blocks --------------------------------------------------------------------------------

bool release_runs() {
  LargeRuns& runs = g_large_runs;
  bool found = false;
  for (LargeRuns::Place& place : runs.places) {
    LargeRuns::Place leaving;
    {
      HandlerGuard guard(runs.lock);
      if (guard.was_held()) return found;
      std::swap(leaving, place);
      runs.bytes -= leaving.pages << kPageShift;
    }
    if (leaving.pages == 0) continue;
    release_large({leaving.first, leaving.pages, true});
    found = true;
  }
  return found;
}

void quarantine_run(size_t first, size_t pages) {
  LargeRuns& runs = g_large_runs;
  LargeRuns::Place leaving[kLargePlaces];
  size_t count = 0;
  {
    HandlerGuard guard(runs.lock);
    if (guard.was_held()) return release_large({first, pages, true});
    runs.bytes += pages << kPageShift;
    do {
      LargeRuns::Place& place = runs.places[runs.next];
      runs.next = (runs.next + 1) % kLargePlaces;
      leaving[count++] = place;
      runs.bytes -= place.pages << kPageShift;
      place = {};
    } while (runs.bytes > kLargeWaiting && count < kLargePlaces);
    const size_t here = (runs.next + kLargePlaces - 1) % kLargePlaces;
    runs.places[here] = {first, pages};
  }
  for (size_t i = 0; i < count; ++i) {
    if (leaving[i].pages != 0) release_large({leaving[i].first, leaving[i].pages, true});
  }
}

size_t block_size(const void* block) {
  const size_t size_class = g_page_map.class_at(g_page_map.page_of(block));
  return size_class == kLargeFirst ? large_size(block) : kSizeClasses[size_class].size;
}

void end_first_checks() {
  check_what_waits();
  g_heap.end_checks();
  empty_quarantines();
}

// The bytes before the first block of a span are not ours to look at: while others can be had, it
// waits. Returns the block to use.
char* put_aside_first(char* block, size_t size_class) {
  const size_t span_bytes = kSizeClasses[size_class].span_pages * kPageBytes;
  if (block == nullptr || g_page_map.offset_of(block) % span_bytes != 0) return block;
  if (!g_heap.checks() || !g_heap.arena.has_block_records(g_page_map.page_of(block))) return block;
  void* other = take(size_class);
  if (other == nullptr) return block;
  leave(stripe_of(block).quarantine.exchange({block, kSizeClasses[size_class].size}, 1));
  return static_cast<char*>(other);
}

}  // namespace

bool is_to_be_checked(size_t bytes) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  if (!g_heap.start() || !g_heap.checks()) return false;
  if (g_heap.checks_all() || bytes <= kLargestFirstBlock) return true;
  end_first_checks();
  return false;
}

void check_what_waits() {
  for (size_t i = 0; i < stripes() && g_heap.checks(); ++i) {
    g_stripes[i].quarantine.for_each([](const Waiting& waiting) {
      if (state_of(record_of(waiting.block).load(std::memory_order_relaxed)) == kFreed)
        check_untouched(static_cast<char*>(waiting.block), waiting.bytes);
    });
  }
}

void* checked_allocate(size_t bytes, size_t alignment) {
  if (bytes > kMaxRequest - kPageBytes - kSlackBytes) return nullptr;
  if (!g_heap.count_first()) {
    end_first_checks();
    return allocate_aligned(bytes, alignment);
  }
  const size_t wanted = bytes + kSlackBytes;
  const size_t size_class = class_of_aligned(wanted, std::max(alignment, kMinAlignment));
  auto get = [&] {
    if (size_class == kNoClass)
      return static_cast<char*>(allocate_large(wanted, alignment, nullptr, true));
    return put_aside_first(static_cast<char*>(take(size_class)), size_class);
  };
  char* block = get();
  if (block == nullptr && empty_quarantines()) block = get();
  if (block == nullptr) return nullptr;
  if (!g_heap.arena.has_block_records(g_page_map.page_of(block))) end_first_checks();
  // Asked after the block was taken: who freed it without checks had seen them end.
  if (g_heap.checks()) return open(block, block_size(block), bytes);
  empty_quarantines();
  return block;
}

void checked_deallocate(void* pointer, size_t size_class, size_t bytes_said) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  auto* block = static_cast<char*>(pointer);
  const size_t size = kSizeClasses[size_class].size;
  count(Counter::checked_frees);
  close(block, size, bytes_said);
  clear(block, size);
  record_of(block).store(make_record(kFreed, 0), std::memory_order_release);
  leave(stripe_of(block).quarantine.exchange({block, size}, reinterpret_cast<uintptr_t>(block)));
  if (!g_heap.checks()) empty_quarantines();
}

void checked_deallocate_large(void* pointer, size_t bytes_said) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  auto* block = static_cast<char*>(pointer);
  count(Counter::checked_frees);
  count(Counter::free_large);
  const size_t size = large_size(block);
  close(block, size, bytes_said);
  record_of(block).store(make_record(kFreed, 0), std::memory_order_release);
  const LargeRun run = forget_large(block);
  char* start = g_page_map.address_of(run.first);
  const size_t bytes = run.pages << kPageShift;
  if (!os::purge(start, bytes)) std::memset(block, 0, size);  // locked in memory, perhaps
  os::protect(start, bytes);
  quarantine_run(run.first, run.pages);
  if (!g_heap.checks()) empty_quarantines();
}

size_t checked_size(const void* block, const char* code, const char* function) {
  const uint32_t record = record_of(block).load(std::memory_order_acquire);
  if (state_of(record) != kLive) fail_not_live(record, block, code, function);
  return block_size(block) - slack_of(record);
}

size_t checked_slack(const void* block) {
  const uint32_t record = record_of(block).load(std::memory_order_relaxed);
  return state_of(record) == kLive ? slack_of(record) : kNoSize;
}

bool is_inside_checks() { return HandlerGuard::any(); }

void reset_checks_after_fork(Whose whose) {
  if (whose == Whose::kMine) HandlerGuard::forget();
  for (size_t i = 0; i < stripes(); ++i) {
    g_stripes[i].lock.reset_after_fork(whose);
    g_stripes[i].quarantine.reset_after_fork(whose);
  }
  // What was changing hands may be half-written: the child gives up what waits.
  if (g_large_runs.lock.reset_after_fork(whose)) g_large_runs.forget();
}

}  // namespace tamari
