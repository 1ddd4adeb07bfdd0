#include "heap_fuzz.h"

#include <algorithm>
#include <cstring>

#include "heap/allocate.h"
#include "heap/statistics.h"
#include "settings.h"

namespace fuzz {
namespace {

constexpr size_t kMostBlocks = 2000;
constexpr uint64_t kFullCheckEvery = 4096;
constexpr uint64_t kCountsCheckEvery = 256;
constexpr size_t kFilledAtEachEnd = 512;  // of a large block; all of a small one

const char* const kSettings[] = {
    "remote_policy=direct",
    "remote_policy=owner_stash",
    "remote_policy=hybrid",
    "refill_batch=1",
    "refill_batch=62",
    "thread_cache_bytes=0",
    "thread_cache_bytes=2M",
    "transfer_cache_bytes=0",
    "transfer_cache_bytes=16M",
    "cache_share=0",
    "cache_share=12",
    "stash_drain_limit=1",
    "stash_drain_limit=32",
    "mremap_min=64K",
    "mremap_min=1M",
    "decay_ms=0",
    "decay_ms=1000",
    "purge=off",
    "purge=dontneed",
    "remote_batch=1",
    "remote_batch=32",
};

// The byte at a place of a block.
char expected(uint64_t stamp, size_t at) {
  return static_cast<char>((stamp * 0x9E3779B97F4A7C15 >> 32) + at * 31);
}

template <class F>
void for_each_filled(size_t bytes, F f) {
  if (bytes <= 2 * kFilledAtEachEnd) {
    for (size_t i = 0; i < bytes; ++i) f(i);
    return;
  }
  for (size_t i = 0; i < kFilledAtEachEnd; ++i) f(i);
  for (size_t i = kFilledAtEachEnd; i < bytes - kFilledAtEachEnd; i += 4093) f(i);
  for (size_t i = bytes - kFilledAtEachEnd; i < bytes; ++i) f(i);
}

}  // namespace

uint64_t HeapFuzz::next() {
  state_ ^= state_ >> 12;
  state_ ^= state_ << 25;
  state_ ^= state_ >> 27;
  return state_ * 0x2545F4914F6CDD1D >> 8;
}

// Small ones mostly, and now and then the neighbourhood of an edge.
size_t HeapFuzz::random_size() {
  static constexpr size_t kEdges[] = {16, 128, 1024, 4096, 65536, 131072, 262144, 1048576};
  switch (below(12)) {
    case 0:
      return kEdges[below(8)] - 2 + below(5);
    case 1:
      return below(3 << 20);
    case 2:
    case 3:
      return below(40000);
    default:
      return below(600);
  }
}

HeapFuzz::Blocks::iterator HeapFuzz::random_block() {
  // Near a random address: good enough, and cheap.
  auto first = blocks_.begin();
  auto last = std::prev(blocks_.end());
  const auto spread = static_cast<size_t>(last->first - first->first) + 1;
  const auto found = blocks_.lower_bound(first->first + below(spread));
  return found == blocks_.end() ? last : found;
}

bool HeapFuzz::fail(const std::string& what) {
  complaint_ = "operation " + std::to_string(operation_) + ": " + what;
  return false;
}

void HeapFuzz::fill(char* start, const Block& block) {
  for_each_filled(block.bytes, [&](size_t i) { start[i] = expected(block.stamp, i); });
}

// Of a block that was filled with its own size, the first `bytes`.
bool HeapFuzz::intact(char* start, const Block& block, size_t bytes) {
  bool good = true;
  for_each_filled(block.bytes, [&](size_t i) {
    good = good && (i >= bytes || start[i] == expected(block.stamp, i));
  });
  return good || fail("a block of " + std::to_string(block.bytes) + " bytes lost its contents");
}

bool HeapFuzz::all_intact() {
  for (const auto& [start, block] : blocks_) {
    if (!intact(start, block, block.bytes)) return false;
  }
  return true;
}

// What is alive, as the shadow map knows it: bytes in blocks of size classes, pages of large ones.
HeapFuzz::Live HeapFuzz::count_live() const {
  const tamari::PageMap& map = tamari::g_page_map;
  Live live;
  for (const auto& [start, block] : blocks_) {
    const size_t usable = tamari::usable_size(start, "fuzz", "fuzz");
    if (map.class_at(map.page_of(start)) < tamari::kClassCount) {
      live.bytes += usable;
    } else {
      live.pages += tamari::pages_for(usable);
    }
  }
  return live;
}

// Each block of a span is alive or known to be somewhere, and each page in use is a span's or a
// large block's. Not while blocks are checked or guarded: some then wait after their free.
bool HeapFuzz::counts_agree() {
  const tamari::Heap& heap = tamari::g_heap;
  if (heap.checks() || heap.sample_interval() != 0) return true;
  auto [somewhere, pages] = count_live();
  uint64_t in_spans = 0;
  for (const tamari::CentralList& list : heap.shared.central) {
    const tamari::SizeClass& row = tamari::kSizeClasses[list.size_class()];
    const uint64_t spans = list.spans_created() - list.spans_released();
    pages += spans * row.span_pages;
    in_spans += spans * row.block_count * row.size;
    if (list.free_blocks() > spans * row.block_count) return fail("more free blocks than blocks");
  }
  if (heap.shared.pages.pages_in_use() != pages) return fail("pages in use without a block");
  const tamari::Snapshot snapshot = tamari::take_snapshot();
  for (const tamari::Gauge gauge :
       {tamari::Gauge::central_free_bytes, tamari::Gauge::transfer_cache_blocks_bytes,
        tamari::Gauge::stash_waiting_bytes, tamari::Gauge::thread_cache_waiting_bytes})
    somewhere += snapshot[gauge];
  // What the transfer cache has not counted yet, of its two tiers.
  constexpr uint64_t kUncounted = 2 * tamari::TransferCache::Account::kMost;
  if (somewhere > in_spans + kUncounted) return fail("blocks are in two places");
  return somewhere + kUncounted >= in_spans || fail("blocks are nowhere");
}

bool HeapFuzz::add(char* start, size_t bytes, size_t alignment, bool zero) {
  if (start == nullptr) return fail("out of memory at " + std::to_string(bytes) + " bytes");
  if (reinterpret_cast<uintptr_t>(start) % std::max<size_t>(alignment, 16) != 0)
    return fail("misaligned");
  const size_t usable = tamari::usable_size(start, "fuzz", "fuzz");
  if (usable < bytes) return fail("usable size below the size asked for");
  const auto after = blocks_.lower_bound(start);
  if (after != blocks_.end() && start + usable > after->first) return fail("overlaps the next");
  if (after != blocks_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second.bytes > start) return fail("overlaps the one before");
  }
  for (size_t i = 0; zero && i < bytes; ++i) {
    if (start[i] != 0) return fail("zeroed memory is not zero");
  }
  const Block block{bytes, ++stamp_};
  fill(start, block);
  blocks_[start] = block;
  return true;
}

bool HeapFuzz::allocate() {
  const size_t bytes = random_size();
  switch (below(5)) {
    case 0: {
      const size_t alignment = size_t{1} << below(18);
      return add(static_cast<char*>(tamari::allocate_aligned(bytes, alignment)), bytes, alignment,
                 false);
    }
    case 1:
      return add(static_cast<char*>(tamari::allocate_zeroed(bytes)), bytes, 1, true);
    default:
      return add(static_cast<char*>(tamari::allocate(bytes)), bytes, 1, false);
  }
}

bool HeapFuzz::reallocate() {
  const auto found = random_block();
  const auto [start, block] = *found;
  const size_t bytes = random_size() + 1;
  blocks_.erase(found);
  auto* moved = static_cast<char*>(tamari::reallocate(start, bytes));
  if (moved == nullptr) return fail("realloc found no memory");
  if (!intact(moved, block, std::min(bytes, block.bytes))) return false;
  return add(moved, bytes, 1, false);
}

bool HeapFuzz::deallocate() {
  const auto found = random_block();
  if (!intact(found->first, found->second, found->second.bytes)) return false;
  tamari::deallocate(found->first);
  blocks_.erase(found);
  return true;
}

void HeapFuzz::change_setting() {
  constexpr size_t kCount = sizeof kSettings / sizeof kSettings[0];
  tamari::set_tunables(tamari::g_heap.tunables, kSettings[below(kCount)]);
}

void HeapFuzz::purge() { tamari::g_heap.background.purge_now(tamari::current_owner()); }

bool HeapFuzz::step() {
  ++operation_;
  const size_t choice = below(4000);
  if (choice == 0) purge();
  if (choice < 8) change_setting();
  if (blocks_.empty() || (choice % 16 < 8 && blocks_.size() < kMostBlocks)) return allocate();
  return choice % 16 == 15 ? reallocate() : deallocate();
}

bool HeapFuzz::run(uint64_t operations) {
  if (!tamari::g_heap.start()) return fail("no address space");
  for (uint64_t i = 0; i < operations; ++i) {
    if (!step()) return false;
    if (i % kCountsCheckEvery == 0 && !counts_agree()) return false;
    if (i % kFullCheckEvery == 0 && !all_intact()) return false;
  }
  return all_intact();
}

bool HeapFuzz::end() {
  while (!blocks_.empty()) {
    if (!deallocate()) return false;
  }
  tamari::set_tunables(tamari::g_heap.tunables, "purge=dontneed");
  purge();
  const tamari::Snapshot snapshot = tamari::take_snapshot();
  // While blocks are checked, some wait after their free.
  if (snapshot[tamari::Gauge::heap_in_use_bytes] != 0 && !tamari::g_heap.checks())
    return fail("pages in use without a block");
  if (snapshot[tamari::Gauge::heap_dirty_bytes] != 0) return fail("dirty pages after a purge");
  return true;
}

}  // namespace fuzz
