// large.cpp - blocks above the size classes: runs of pages, in the same window, straight from the
// page heap. The page heap keeps freed runs resident until they decay, so it is their cache too.
#include <algorithm>

#include "heap/allocate.h"
#include "heap/report.h"

namespace tamari {
namespace {

Span& span_of(const void* pointer) { return g_heap.arena.span(g_page_map.page_of(pointer)); }

PageMap& map() { return g_heap.arena.map(); }

size_t os_pages(size_t bytes) { return round_up(bytes, os::page_size()); }

// Makes all of a run inaccessible but the block in it. A kernel that refuses leaves it open.
void protect_around(size_t run, size_t pages, size_t block, size_t bytes) {
  char* start = map().address_of(block);
  char* end = map().address_of(run + pages);
  os::protect(map().address_of(run), (block - run) << kPageShift);
  os::protect(start + bytes, static_cast<size_t>(end - start) - bytes);
}

// What the window could not hold if it were empty is not worth a search.
PageHeap::Run find_run(size_t pages, size_t alignment_pages) {
  PageHeap::Run run{};
  if (pages > g_heap.arena.window_pages()) return run;
  run = g_heap.shared.pages.allocate(pages, alignment_pages);
  // What another thread is purging counts as in use for a moment: try more than once.
  for (int attempt = 0; attempt < 3 && !run.found; ++attempt) {
    g_heap.background.purge_now(current_owner());
    run = g_heap.shared.pages.allocate(pages, alignment_pages);
  }
  return run;
}

}  // namespace

void* allocate_large(size_t bytes, size_t alignment, bool* zero, bool guards) {
  if (bytes > kMaxRequest - kPageBytes || !g_heap.start()) return nullptr;
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  const size_t pages = std::max<size_t>(pages_for(bytes), 1);
  const size_t alignment_pages = std::max<size_t>(alignment >> kPageShift, 1);
  const size_t before = guards ? alignment_pages : 0;
  const size_t behind = guards ? 1 : 0;
  const size_t all = before + pages + behind;
  const PageHeap::Run run = find_run(all, alignment_pages);
  g_heap.background.wake();
  if (!run.found) {
    count(Counter::alloc_failed);
    return nullptr;
  }
  count(Counter::alloc_large);
  const size_t first = run.first + before;
  Span& span = g_heap.arena.span(first);
  span.page_count = static_cast<uint32_t>(pages);
  span.guard_pages = static_cast<uint32_t>(before);
  span.large_bytes = os_pages(bytes);
  map().set_classes(first, 1, kLargeFirst);
  map().set_classes(first + 1, pages - 1, kLargeInside);
  if (behind != 0) protect_around(run.first, all, first, span.large_bytes);
  if (zero != nullptr) *zero = run.zero;
  return map().address_of(first);
}

LargeRun forget_large(void* pointer) {
  const Span& span = span_of(pointer);
  const size_t first = g_page_map.page_of(pointer);
  map().set_classes(first, span.page_count, kNoClass);
  const bool guards = span.guard_pages != 0;
  const size_t behind = guards ? 1 : 0;
  return {first - span.guard_pages, span.guard_pages + span.page_count + behind, guards};
}

bool is_between_guards(const void* pointer) { return span_of(pointer).guard_pages != 0; }

void release_large(LargeRun run) {
  if (run.has_guards && !os::unprotect(g_page_map.address_of(run.first), run.pages << kPageShift))
    return;
  g_heap.shared.pages.release(run.first, run.pages);
}

void deallocate_large(void* pointer) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  count(Counter::free_large);
  release_large(forget_large(pointer));
  g_heap.background.wake();
}

size_t large_size(const void* pointer) { return span_of(pointer).large_bytes; }

bool resize_large(void* pointer, size_t bytes) {
  if (bytes > kMaxRequest - kPageBytes) return false;
  Span& span = span_of(pointer);
  const size_t first = g_page_map.page_of(pointer);
  const size_t pages = pages_for(bytes);
  if (pages > span.page_count) {
    if (!g_heap.shared.pages.extend(first, span.page_count, pages)) return false;
    map().set_classes(first + span.page_count, pages - span.page_count, kLargeInside);
  } else if (pages < span.page_count) {
    map().set_classes(first + pages, span.page_count - pages, kNoClass);
    g_heap.shared.pages.release(first + pages, span.page_count - pages);
  }
  span.page_count = static_cast<uint32_t>(pages);
  span.large_bytes = os_pages(bytes);
  return true;
}

// Only where both are one mapping each: mremap refuses others, on some kernels after it has
// unmapped the target.
Move move_large(void* from, void* to) {
  PageHeap& pages = g_heap.shared.pages;
  const size_t source = g_page_map.page_of(from);
  const size_t target = g_page_map.page_of(to);
  const size_t source_pages = span_of(from).page_count;
  const size_t target_pages = span_of(to).page_count;
  if (pages.has_moved(source, source_pages) || pages.has_moved(target, target_pages))
    return Move::kNot;
  if (!os::move_pages(from, to, large_size(from))) {
    return g_heap.arena.remap_fresh(target, target_pages) ? Move::kNot : Move::kTargetLost;
  }
  // The moved mapping does not join its neighbours; purging either run maps it afresh.
  pages.note_moved(source, source_pages);
  pages.note_moved(target, target_pages);
  return Move::kDone;
}

}  // namespace tamari
