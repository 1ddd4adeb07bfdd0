#include "heap/layers.h"

#include <algorithm>

#include "heap/checked.h"
#include "heap/heap.h"
#include "pages/residency.h"

namespace tamari {
namespace {

uint64_t minus(uint64_t from, uint64_t bytes) { return from - std::min(from, bytes); }

struct LargeSize {
  size_t run_bytes;
  size_t bytes;  // of which the block has
};

// Of a block that may be coming or going.
TAMARI_RACY_READ LargeSize look_at_size(const Span& span) {
  const size_t run_bytes = size_t{span.page_count} << kPageShift;
  return {run_bytes, span.large_bytes < run_bytes ? span.large_bytes : run_bytes};
}

// Sums over one walk through the window and one through the stores.
class LayerCount {
 public:
  LayerCount(const Residency& resident, Layers& layers) : resident_(resident), layers_(layers) {}

  void look_at_window();
  void look_at_stores();
  // When both are done: what is in spans and nowhere else is live, or in quarantine.
  void settle();

 private:
  void look_at_span(size_t page, size_t size_class);
  size_t look_at_large(size_t page);
  uint64_t look_at_checked_span(size_t page, size_t size_class);
  uint64_t add_live(size_t offset, size_t size, size_t slack);
  void add(Layer layer, size_t size_class, const void* block);

  const Residency& resident_;
  Layers& layers_;
  uint64_t in_spans_ = 0;  // not known to be free, and under check=all not known to be live
};

uint64_t LayerCount::add_live(size_t offset, size_t size, size_t slack) {
  const uint64_t requested = resident_.bytes(offset, size - slack);
  const uint64_t rounding = resident_.bytes(offset + size - slack, slack);
  layers_[Layer::live] += requested;
  layers_[Layer::rounding] += rounding;
  return requested + rounding;
}

uint64_t LayerCount::look_at_checked_span(size_t page, size_t size_class) {
  const SizeClass& c = kSizeClasses[size_class];
  uint64_t live = 0;
  for (size_t i = 0; i < c.block_count; ++i) {
    const size_t offset = (page << kPageShift) + i * c.size;
    const size_t slack = checked_slack(g_page_map.base + offset);
    if (slack <= c.size) live += add_live(offset, c.size, slack);
  }
  return live;
}

void LayerCount::look_at_span(size_t page, size_t size_class) {
  const SizeClass& c = kSizeClasses[size_class];
  const size_t start = page << kPageShift;
  const size_t span_bytes = c.span_pages * kPageBytes;
  const size_t used = size_t{c.block_count} * c.size;
  uint64_t free = resident_.bytes(start + used, span_bytes - used);
  g_heap.shared.central.of_span(size_class, page)
      .for_each_free_run(page, [&](size_t first, size_t blocks) {
        free += resident_.bytes(start + first * c.size, blocks * c.size);
      });
  layers_[Layer::free_blocks] += free;
  const uint64_t live = g_heap.checks_all() ? look_at_checked_span(page, size_class) : 0;
  in_spans_ += minus(resident_.bytes(start, span_bytes), free + live);
}

// Returns its pages.
size_t LayerCount::look_at_large(size_t page) {
  const auto [run_bytes, bytes] = look_at_size(g_heap.arena.span(page));
  const size_t start = page << kPageShift;
  const size_t slack = g_heap.checks_all() ? checked_slack(g_page_map.base + start) : 0;
  add_live(start, bytes, slack <= bytes ? slack : 0);
  layers_[Layer::free_blocks] += resident_.bytes(start + bytes, run_bytes - bytes);
  return std::max<size_t>(run_bytes >> kPageShift, 1);
}

void LayerCount::look_at_window() {
  const size_t pages = g_heap.arena.committed_pages();
  for (size_t page = 0; page < pages;) {
    const size_t c = g_page_map.class_at(page);
    size_t length = 1;
    if (c == kNoClass) {
      layers_[Layer::free_pages] += resident_.bytes(page << kPageShift, kPageBytes);
    } else if (c == kLargeFirst) {
      length = look_at_large(page);
    } else if (c >= kClassCount) {  // a guarded slot
      layers_[Layer::live] += resident_.bytes(page << kPageShift, kPageBytes);
    } else {
      look_at_span(page, c);
      length = kSizeClasses[c].span_pages;
    }
    page += length;
  }
}

void LayerCount::add(Layer layer, size_t size_class, const void* block) {
  layers_[layer] += resident_.bytes(g_page_map.offset_of(block), kSizeClasses[size_class].size);
}

void LayerCount::look_at_stores() {
  Shared& shared = g_heap.shared;
  const LockGuard held = g_heap.owners.hold();
  for (uint32_t id = 1; id < g_heap.owners.count(); ++id) {
    Owner& owner = g_heap.owners.at(id);
    if (!owner.is_in_use()) continue;
    owner.cache.for_each_held(
        [this](size_t c, const void* block) { add(Layer::thread_caches, c, block); });
    for (size_t c = 1; c < kClassCount; ++c) {
      owner.stashes[c].for_each(shared.batches,
                                [&](const void* block) { add(Layer::stashes, c, block); });
    }
  }
  for (size_t c = 1; c < kClassCount; ++c) {
    shared.transfer.for_each(c, [&](const void* block) { add(Layer::transfer_cache, c, block); });
  }
}

void LayerCount::settle() {
  uint64_t rest = in_spans_;
  for (Layer layer : {Layer::thread_caches, Layer::stashes, Layer::transfer_cache})
    rest = minus(rest, layers_[layer]);
  layers_[g_heap.checks_all() ? Layer::quarantine : Layer::live] += rest;
  if (!g_heap.checks_all()) layers_[Layer::rounding] = kUnknownBytes;
}

}  // namespace

Layers take_layers() {
  Layers layers;
  layers.bytes.fill(kUnknownBytes);
  if (!g_heap.is_ready()) return layers;
  const uint64_t resident_bytes = os::resident_bytes();  // before the map of the window is made
  const Residency resident(g_heap.arena);
  if (!resident.is_known() || resident_bytes == 0) return layers;
  layers.bytes.fill(0);
  LayerCount count(resident, layers);
  count.look_at_window();
  count.look_at_stores();
  count.settle();
  layers[Layer::metadata] = resident_bytes_of(&g_heap, sizeof g_heap);
  g_heap.arena.for_each_record_range([&](const void* start, size_t bytes) {
    layers[Layer::metadata] += resident_bytes_of(start, bytes);
  });
  uint64_t ours = 0;
  for (uint64_t bytes : layers.bytes) ours += bytes == kUnknownBytes ? 0 : bytes;
  layers[Layer::other] = minus(resident_bytes, ours);
  layers[Layer::resident] = resident_bytes;
  return layers;
}

void print_layers_json(Text& out) {
  const Layers layers = take_layers();
  for (size_t i = 0; i < kLayerCount; ++i) {
    out.add(i == 0 ? "{\"" : ",\"").add(kLayerRows[i].name).add("\":");
    if (layers.bytes[i] == kUnknownBytes) {
      out.add("null");
    } else {
      out.number(layers.bytes[i]);
    }
  }
  out.add("}");
}

}  // namespace tamari
