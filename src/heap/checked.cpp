// See checked.h.
#include "heap/checked.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "heap/allocate.h"
#include "heap/quarantine.h"
#include "heap/report.h"

namespace tamari {
namespace {

constexpr size_t kSlackBytes = 8;          // at least, behind every request
constexpr size_t kPurgeBytes = 32 * 1024;  // blocks from here on are cleared by the kernel
constexpr size_t kStripes = 64;
constexpr size_t kLargePlaces = 32;  // large blocks that wait inaccessible
constexpr size_t kLargeWaiting = size_t{1} << 30;

// The record of a block: its state, and above it the bytes behind the request.
enum State : uint32_t { kNever, kLive, kFreed, kBusy };
constexpr unsigned kStateBits = 2;

State state_of(uint32_t record) { return static_cast<State>(record & ((1U << kStateBits) - 1)); }
size_t slack_of(uint32_t record) { return record >> kStateBits; }
uint32_t make_record(State state, size_t slack) {
  return static_cast<uint32_t>(slack << kStateBits) | state;
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
};
constinit LargeRuns g_large_runs;

Stripe& stripe_of(const void* block) {
  return g_stripes[(g_page_map.page_of(block) >> 3) % kStripes];
}

std::atomic<uint32_t>& record_of(const void* block) {
  return g_heap.arena.block_record(g_page_map.offset_of(block) / kMinAlignment);
}

unsigned char pattern() { return static_cast<unsigned char>(os::start_info().random | 1); }

bool all_are(const char* from, size_t bytes, unsigned char value) {
  if (bytes == 0) return true;
  const auto* at = reinterpret_cast<const unsigned char*>(from);
  return at[0] == value && std::memcmp(at, at + 1, bytes - 1) == 0;
}

[[noreturn]] void fail(const char* code, const char* what, const void* block, const char* advice) {
  fail_pointer(code, what, block, advice);
}

void check_untouched(const char* block, size_t bytes) {
  if (all_are(block, bytes, 0)) return;
  fail("use-after-free", "a block was written to after it had been freed:", block,
       "look for a pointer that outlived its free");
}

void check_slack(const char* block, size_t size, size_t slack) {
  if (all_are(block + size - slack, slack, pattern())) return;
  fail("overflow", "bytes behind a block were overwritten:", block,
       "look for a write past the size that was asked for");
}

// The last bytes of the block before this one, in the same span. Under the stripe's lock.
void check_before(const char* block, size_t size) {
  const size_t size_class = g_page_map.class_at(g_page_map.page_of(block));
  if (size_class == kLargeFirst) return;
  const size_t span_bytes = kSizeClasses[size_class].span_pages * kPageBytes;
  if (g_page_map.offset_of(block) % span_bytes < size) return;
  const State before = state_of(record_of(block - size).load(std::memory_order_acquire));
  if (before == kBusy) return;
  if (all_are(block - kSlackBytes, kSlackBytes, before == kLive ? pattern() : 0)) return;
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

void check_said(size_t said, size_t asked, const void* block) {
  if (said == kNoSize || said == asked) return;
  char what[128];
  Text text(what, sizeof what);
  text.add("a sized free gave ").number(said).add(" bytes for a block of ").number(asked).add(":");
  fail("size-mismatch", what, block, "delete objects through their own type, arrays with delete[]");
}

// Marks the block as being freed; returns the bytes that had been asked for.
void close(char* block, size_t size, size_t bytes_said) {
  LockGuard guard(stripe_of(block).lock);
  std::atomic<uint32_t>& word = record_of(block);
  const uint32_t record = word.load(std::memory_order_relaxed);
  if (state_of(record) != kLive) fail_not_live(record, block, "invalid-free", "free");
  check_slack(block, size, slack_of(record));
  check_said(bytes_said, size - slack_of(record), block);
  check_before(block, size);
  word.store(make_record(kBusy, 0), std::memory_order_relaxed);
}

void clear(char* block, size_t size) {
  if (size < kPurgeBytes) {
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
  {
    LockGuard guard(stripe_of(block).lock);
    word.store(make_record(kBusy, 0), std::memory_order_relaxed);
  }
  check_untouched(block, size);
  std::memset(block + bytes, pattern(), slack);
  word.store(make_record(kLive, slack), std::memory_order_release);
  return block;
}

void* take(size_t size_class) {
  Owner* owner = current_owner();
  void* block = owner == nullptr ? nullptr : BlockStack::pop(owner->cache.top, size_class);
  return block != nullptr ? block : allocate_class_slow(size_class);
}

void leave(const Waiting& leaving) {
  if (leaving.block == nullptr) return;
  return_block(leaving.block, g_page_map.class_at(g_page_map.page_of(leaving.block)));
}

// What waits goes back to the spans. False if nothing waited.
bool empty_quarantines() {
  bool found = false;
  for (Stripe& stripe : g_stripes) {
    for (Waiting w = stripe.quarantine.take_any(); w.block != nullptr;
         w = stripe.quarantine.take_any()) {
      leave(w);
      found = true;
    }
  }
  return found;
}

// --- Large blocks --------------------------------------------------------------------------------

// Accessible again, and free. If the kernel refuses, the addresses are given up.
void release_run(size_t first, size_t pages) {
  if (pages != 0 && os::commit(g_page_map.address_of(first), pages << kPageShift))
    g_heap.shared.pages.release(first, pages);
}

void quarantine_run(size_t first, size_t pages) {
  LargeRuns& runs = g_large_runs;
  LargeRuns::Place leaving[kLargePlaces];
  size_t count = 0;
  {
    LockGuard guard(runs.lock);
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
  for (size_t i = 0; i < count; ++i) release_run(leaving[i].first, leaving[i].pages);
}

void* allocate_between_guards(size_t bytes, size_t alignment) {
  void* block = allocate_large(bytes + kSlackBytes, alignment, nullptr);
  if (block == nullptr) return nullptr;
  auto* start = static_cast<char*>(block);
  return open(start, large_size(start), bytes);
}

bool is_large(const void* block) {
  return g_page_map.class_at(g_page_map.page_of(block)) == kLargeFirst;
}

size_t block_size(const void* block) {
  const size_t size_class = g_page_map.class_at(g_page_map.page_of(block));
  return size_class == kLargeFirst ? large_size(block) : kSizeClasses[size_class].size;
}

}  // namespace

void* checked_allocate(size_t bytes, size_t alignment) {
  if (bytes > kMaxRequest - kPageBytes - kSlackBytes) return nullptr;
  const size_t wanted = bytes + kSlackBytes;
  const size_t size_class = class_of_aligned(wanted, std::max(alignment, kMinAlignment));
  if (size_class == kNoClass) return allocate_between_guards(bytes, alignment);
  void* block = take(size_class);
  if (block == nullptr && empty_quarantines()) block = take(size_class);
  if (block == nullptr) return nullptr;
  return open(static_cast<char*>(block), kSizeClasses[size_class].size, bytes);
}

void checked_deallocate(void* pointer, size_t size_class, size_t bytes_said) {
  auto* block = static_cast<char*>(pointer);
  const size_t size = kSizeClasses[size_class].size;
  count(Counter::checked_frees);
  close(block, size, bytes_said);
  clear(block, size);
  record_of(block).store(make_record(kFreed, 0), std::memory_order_release);
  leave(stripe_of(block).quarantine.exchange({block, size}, reinterpret_cast<uintptr_t>(block)));
}

void checked_deallocate_large(void* pointer, size_t bytes_said) {
  auto* block = static_cast<char*>(pointer);
  count(Counter::checked_frees);
  count(Counter::free_large);
  close(block, large_size(block), bytes_said);
  record_of(block).store(make_record(kFreed, 0), std::memory_order_release);
  const LargeRun run = forget_large(block);
  char* start = g_page_map.address_of(run.first);
  const size_t bytes = run.pages << kPageShift;
  os::purge(start, bytes);
  os::protect(start, bytes);
  quarantine_run(run.first, run.pages);
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

void* checked_reallocate(void* pointer, size_t have, size_t bytes) {
  void* moved = checked_allocate(bytes, kMinAlignment);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, pointer, std::min(bytes, have));
  count(Counter::realloc_copied);
  if (is_large(pointer)) {
    checked_deallocate_large(pointer, kNoSize);
  } else {
    checked_deallocate(pointer, g_page_map.class_at(g_page_map.page_of(pointer)), kNoSize);
  }
  return moved;
}

void reset_checks_after_fork(Whose whose) {
  for (Stripe& stripe : g_stripes) {
    stripe.lock.reset_after_fork(whose);
    stripe.quarantine.reset_after_fork(whose);
  }
  g_large_runs.lock.reset_after_fork(whose);
}

}  // namespace tamari
