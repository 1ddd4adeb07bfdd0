// large.cpp - blocks above the size classes: runs of pages, in the same window, straight from the
// page heap. The page heap keeps freed runs resident until they decay, so it is their cache too.
#include <algorithm>

#include "heap/allocate.h"
#include "heap/report.h"

namespace tamari {
namespace {

Span& span_of(const void* pointer) { return g_heap.arena.span(g_page_map.page_of(pointer)); }

PageMap& map() { return g_heap.arena.map(); }

size_t os_pages(size_t bytes) { return round_up(bytes, os::start_info().page_size); }

}  // namespace

void* allocate_large(size_t bytes, size_t alignment, bool* zero) {
  if (bytes > kMaxRequest - kPageBytes || !g_heap.start()) return nullptr;
  Shared& shared = g_heap.shared;
  const size_t pages = pages_for(bytes);
  const size_t alignment_pages = std::max<size_t>(alignment >> kPageShift, 1);
  PageHeap::Run run = shared.pages.allocate(pages, alignment_pages);
  // What another thread is purging counts as in use for a moment: try more than once.
  for (int attempt = 0; attempt < 3 && !run.found; ++attempt) {
    g_heap.background.purge_now(current_owner());
    run = shared.pages.allocate(pages, alignment_pages);
  }
  g_heap.background.wake();
  if (!run.found) {
    count(Counter::alloc_failed);
    return nullptr;
  }
  count(Counter::alloc_large);
  Span& span = g_heap.arena.span(run.first);
  span.page_count = static_cast<uint32_t>(pages);
  span.large_bytes = os_pages(bytes);
  map().set_classes(run.first, 1, kLargeFirst);
  map().set_classes(run.first + 1, pages - 1, kLargeInside);
  if (zero != nullptr) *zero = run.zero;
  return map().address_of(run.first);
}

void deallocate_large(void* pointer) {
  Span& span = span_of(pointer);
  const size_t first = g_page_map.page_of(pointer);
  count(Counter::free_large);
  map().set_classes(first, span.page_count, kNoClass);
  g_heap.shared.pages.release(first, span.page_count);
  g_heap.background.wake_in_child();
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
