// See process_layers.h. The process goes on meanwhile: no index or pointer that is read from it is
// trusted to be inside its table.
#include "lab/process/process_layers.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "lab/process/find_outline.h"
#include "lab/process/resident_pages.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kPointerBytes = sizeof(std::uint64_t);

template <class T>
T field(const char* record, std::size_t at) {
  T value;
  std::memcpy(&value, record + at, sizeof value);
  return value;
}

std::uint64_t minus(std::uint64_t from, std::uint64_t bytes) {
  return from - std::min(from, bytes);
}

struct SizeClass {
  std::uint64_t size = 0;
  std::uint64_t span_bytes = 0;
  std::uint64_t blocks = 0;  // of a span
};

struct Table {
  std::uint64_t start = 0;
  std::uint64_t bytes = 0;  // in use, at most
};

// Free blocks in batches: of thread caches, stashes, the transfer cache.
struct Held {
  std::uint64_t thread_caches = 0;
  std::uint64_t stashes = 0;
  std::uint64_t transfer_cache = 0;
};

class Walk {
 public:
  Walk(const ProcessMemory& memory, const Outline& outline, bool checks_all);
  Snapshot::Layers layers();

 private:
  std::vector<Table> read_tables() const;
  std::string copy(const Table& table) const { return memory_.get_used(table.start, table.bytes); }
  std::vector<SizeClass> read_classes() const;

  void look_at_window();
  std::size_t look_at_large(std::size_t page);
  void look_at_span(std::size_t page, const SizeClass& c);
  std::string free_bits(std::size_t page, std::size_t bytes) const;
  std::uint64_t free_in_span(std::size_t page, const SizeClass& c) const;
  std::uint64_t record_at(std::size_t page, std::size_t index) const;
  std::uint64_t look_at_checked_blocks(std::size_t page, const SizeClass& c);
  std::uint64_t add_live(std::uint64_t start, std::uint64_t size, std::uint64_t slack);

  Held look_at_stores();
  void look_at_owner(const char* owner, Held& held);
  std::uint64_t in_slots(std::uint64_t batch, std::uint64_t count, std::size_t size_class) const;
  std::uint64_t in_array(std::uint64_t start, std::uint64_t top, std::size_t size_class);
  std::uint64_t in_chain(std::uint32_t index, std::size_t size_class);

  std::uint64_t metadata() const;

  const ProcessMemory& memory_;
  const Outline& outline_;
  const bool checks_all_;
  const std::vector<SizeClass> classes_;
  const std::uint64_t window_;
  const std::size_t pages_;
  const ResidentPages resident_;
  const std::vector<Table> tables_;
  const std::string batches_;
  std::vector<bool> seen_;  // of the batches: each counts once
  std::uint64_t live_ = 0;
  std::uint64_t rounding_ = 0;
  std::uint64_t free_blocks_ = 0;
  std::uint64_t free_pages_ = 0;
  std::uint64_t in_spans_ = 0;  // not known to be free, and under check=all not known to be live
};

Walk::Walk(const ProcessMemory& memory, const Outline& outline, bool checks_all)
    : memory_(memory),
      outline_(outline),
      checks_all_(checks_all),
      classes_(read_classes()),
      window_(memory.get<std::uint64_t>(address_of(outline.page_map) + outline.page_map_base_at)),
      pages_(memory.get<std::uint64_t>(address_of(outline.committed_pages))),
      resident_(memory, window_, pages_ * outline.page_bytes),
      tables_(read_tables()),
      batches_(copy(tables_[Outline::kBatches])),
      seen_(batches_.size() / outline.batch_bytes) {}

std::vector<Table> Walk::read_tables() const {
  std::vector<Table> tables;
  for (const Outline::Table& table : outline_.tables) {
    tables.push_back({memory_.get<std::uint64_t>(address_of(table.base)),
                      memory_.get<std::uint64_t>(address_of(table.committed))});
  }
  return tables;
}

std::vector<SizeClass> Walk::read_classes() const {
  std::string rows(std::size_t{outline_.class_count} * outline_.class_bytes, '\0');
  memory_.read(address_of(outline_.size_classes), rows.data(), rows.size());
  std::vector<SizeClass> classes(outline_.class_count);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const char* row = &rows[c * outline_.class_bytes];
    const std::uint64_t pages = field<std::uint32_t>(row, outline_.class_pages_at);
    classes[c] = {field<std::uint32_t>(row, outline_.class_size_at), pages * outline_.page_bytes,
                  field<std::uint32_t>(row, outline_.class_blocks_at)};
  }
  return classes;
}

// --- The window ----------------------------------------------------------------------------------

std::uint64_t Walk::add_live(std::uint64_t start, std::uint64_t size, std::uint64_t slack) {
  const std::uint64_t requested = resident_.bytes(start, size - slack);
  const std::uint64_t rounding = resident_.bytes(start + size - slack, slack);
  live_ += requested;
  rounding_ += rounding;
  return requested + rounding;
}

// Where the record of block `index` of the span at `page` lies in its table, in bytes.
std::uint64_t Walk::record_at(std::size_t page, std::size_t index) const {
  const std::uint64_t tile_pages = outline_.record_tile_pages;
  const std::uint64_t together = outline_.records_together;
  const std::uint64_t row = index / together;
  const std::uint64_t place = page / tile_pages * tile_pages * outline_.records_per_page +
                              (row * tile_pages + (page + row) % tile_pages) * together +
                              index % together;
  return place * outline_.block_record_bytes;
}

// Of the blocks of the span at `page` that their records call live.
std::uint64_t Walk::look_at_checked_blocks(std::size_t page, const SizeClass& c) {
  const std::uint64_t start = window_ + page * outline_.page_bytes;
  const std::uint64_t first = record_at(page, 0);
  const std::uint64_t bytes = record_at(page, c.blocks - 1) + outline_.block_record_bytes - first;
  const Table& all = tables_[Outline::kBlockRecords];
  if (first + bytes > all.bytes) return 0;
  const std::string records = memory_.get_used(all.start + first, bytes);
  const std::uint32_t states = (1U << outline_.block_state_bits) - 1;
  const std::uint32_t slacks = (1U << outline_.block_slack_bits) - 1;
  std::uint64_t live = 0;
  for (std::size_t i = 0; i < c.blocks; ++i) {
    const auto record = field<std::uint32_t>(records.data(), record_at(page, i) - first);
    const std::uint64_t slack = record >> outline_.block_slack_at & slacks;
    if ((record & states) != outline_.block_live || slack > c.size) continue;
    live += add_live(start + i * c.size, c.size, slack);
  }
  return live;
}

std::string Walk::free_bits(std::size_t page, std::size_t bytes) const {
  const std::uint64_t at =
      bytes <= outline_.span_bits_bytes
          ? tables_[Outline::kSpans].start + page * outline_.span_bytes + outline_.span_bits_at
          : tables_[Outline::kFreeBits].start + page * outline_.free_bits_bytes;
  return memory_.get_used(at, bytes);
}

// Runs of blocks whose bits are set.
std::uint64_t Walk::free_in_span(std::size_t page, const SizeClass& c) const {
  const std::uint64_t start = window_ + page * outline_.page_bytes;
  const std::string bits = free_bits(page, (c.blocks + 7) / 8);
  const auto is_free = [&](std::size_t i) {
    return (static_cast<unsigned char>(bits[i / 8]) >> (i % 8) & 1) != 0;
  };
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < c.blocks;) {
    std::size_t end = i + 1;
    while (end < c.blocks && is_free(end) == is_free(i)) ++end;
    if (is_free(i)) bytes += resident_.bytes(start + i * c.size, (end - i) * c.size);
    i = end;
  }
  return bytes;
}

void Walk::look_at_span(std::size_t page, const SizeClass& c) {
  const std::uint64_t start = window_ + page * outline_.page_bytes;
  const std::uint64_t used = c.blocks * c.size;
  const std::uint64_t free =
      resident_.bytes(start + used, c.span_bytes - used) + free_in_span(page, c);
  free_blocks_ += free;
  const std::uint64_t live = checks_all_ ? look_at_checked_blocks(page, c) : 0;
  in_spans_ += minus(resident_.bytes(start, c.span_bytes), free + live);
}

// Returns its pages.
std::size_t Walk::look_at_large(std::size_t page) {
  std::string span(outline_.span_bytes, '\0');
  memory_.read(tables_[Outline::kSpans].start + page * outline_.span_bytes, span.data(),
               span.size());
  const std::uint64_t run_pages = field<std::uint32_t>(span.data(), outline_.span_pages_at);
  const std::uint64_t run = run_pages * outline_.page_bytes;
  const std::uint64_t bytes =
      std::min(run, field<std::uint64_t>(span.data(), outline_.span_large_bytes_at));
  const std::uint64_t start = window_ + page * outline_.page_bytes;
  if (!checks_all_ || look_at_checked_blocks(page, {bytes, run, 1}) == 0) {
    add_live(start, bytes, 0);
  }
  free_blocks_ += resident_.bytes(start + bytes, run - bytes);
  return std::max<std::size_t>(run_pages, 1);
}

void Walk::look_at_window() {
  const std::string values =
      memory_.get_used(address_of(outline_.page_map) + outline_.page_map_head_bytes, pages_);
  for (std::size_t page = 0; page < pages_;) {
    const auto value = static_cast<unsigned char>(values[page]);
    std::size_t length = 1;
    if (value == outline_.large_first) {
      length = look_at_large(page);
    } else if (value != outline_.no_class && value < classes_.size()) {
      look_at_span(page, classes_[value]);
      length = classes_[value].span_bytes / outline_.page_bytes;
    } else {  // free, or a guarded slot
      const std::uint64_t start = window_ + page * outline_.page_bytes;
      (value == outline_.no_class ? free_pages_ : live_) +=
          resident_.bytes(start, outline_.page_bytes);
    }
    page += length;
  }
}

// --- The stores ----------------------------------------------------------------------------------

std::uint64_t Walk::in_slots(std::uint64_t batch, std::uint64_t count,
                             std::size_t size_class) const {
  const char* slots = &batches_[batch * outline_.batch_bytes + outline_.batch_slots_at];
  std::uint64_t bytes = 0;
  if (count > outline_.batch_capacity) return 0;  // a free batch
  for (std::size_t i = 0; i < count; ++i) {
    const auto block = field<std::uint64_t>(slots, i * kPointerBytes);
    if (block != 0) bytes += resident_.bytes(block, classes_[size_class].size);
  }
  return bytes;
}

// Of the batch at an address, filled up to `top`.
std::uint64_t Walk::in_array(std::uint64_t start, std::uint64_t top, std::size_t size_class) {
  const std::uint64_t table = tables_[Outline::kBatches].start;
  const std::uint64_t batch = (start - table) / outline_.batch_bytes;
  if (start < table || batch >= seen_.size() || seen_[batch]) return 0;
  seen_[batch] = true;
  const std::uint64_t slots = start + outline_.batch_slots_at;
  return top < slots ? 0 : in_slots(batch, (top - slots) / kPointerBytes, size_class);
}

std::uint64_t Walk::in_chain(std::uint32_t index, std::size_t size_class) {
  std::uint64_t bytes = 0;
  while (index != 0 && index < seen_.size() && !seen_[index]) {
    seen_[index] = true;
    const char* batch = &batches_[std::size_t{index} * outline_.batch_bytes];
    bytes += in_slots(index, field<std::uint32_t>(batch, outline_.batch_count_at), size_class);
    index = field<std::uint32_t>(batch, outline_.batch_next_at);
  }
  return bytes;
}

void Walk::look_at_owner(const char* owner, Held& held) {
  const auto state = field<std::uint32_t>(owner, outline_.owner_state_at);
  if (state != outline_.owner_active && state != outline_.owner_retired) return;
  for (std::size_t c = 1; c < classes_.size(); ++c) {
    const char* bin = owner + outline_.owner_bins_at + c * outline_.bin_bytes;
    const auto top = field<std::uint64_t>(owner, outline_.owner_tops_at + c * kPointerBytes);
    const auto in_bin = [&](std::size_t at) { return field<std::uint64_t>(bin, at); };
    held.thread_caches += in_array(in_bin(outline_.bin_loaded_at), top, c);
    held.thread_caches +=
        in_array(in_bin(outline_.bin_remote_at), in_bin(outline_.bin_remote_top_at), c);
    for (const std::size_t chain : {outline_.bin_spares_at, outline_.bin_aside_at}) {
      held.thread_caches += in_chain(field<std::uint32_t>(bin, chain), c);
    }
    held.stashes += in_chain(
        field<std::uint32_t>(owner, outline_.owner_stashes_at + c * outline_.stash_bytes), c);
  }
}

Held Walk::look_at_stores() {
  Held held;
  const std::string owners = copy(tables_[Outline::kOwners]);
  for (std::size_t at = 0; at + outline_.owner_bytes <= owners.size(); at += outline_.owner_bytes) {
    look_at_owner(&owners[at], held);
  }
  for (std::size_t row = 0; row < outline_.shelf_rows; ++row) {
    const std::uint64_t shelves = address_of(outline_.shelves) + row * outline_.shelf_row_bytes;
    for (std::size_t c = 1; c < classes_.size(); ++c) {
      const std::uint64_t shelf = shelves + c * outline_.shelf_bytes;
      held.transfer_cache += in_chain(memory_.get<std::uint32_t>(shelf), c);
    }
  }
  return held;
}

// --- All of it -----------------------------------------------------------------------------------

std::uint64_t Walk::metadata() const {
  const auto resident = [this](std::uint64_t start, std::uint64_t bytes) {
    return ResidentPages(memory_, start, bytes).bytes();
  };
  std::uint64_t bytes =
      resident(address_of(outline_.heap), outline_.heap_bytes) +
      resident(address_of(outline_.page_map), outline_.page_map_head_bytes + pages_);
  for (const Table& table : tables_) bytes += resident(table.start, table.bytes);
  return bytes;
}

Snapshot::Layers Walk::layers() {
  const std::uint64_t resident = memory_.resident_bytes();
  look_at_window();
  const Held held = look_at_stores();
  // What is in spans and nowhere else is live, or in quarantine.
  const std::uint64_t rest =
      minus(in_spans_, held.thread_caches + held.stashes + held.transfer_cache);
  if (!checks_all_) live_ += rest;
  Snapshot::Layers layers = {{"live", live_},
                             {"rounding", rounding_},
                             {"quarantine", checks_all_ ? rest : 0},
                             {"free_blocks", free_blocks_},
                             {"thread_caches", held.thread_caches},
                             {"stashes", held.stashes},
                             {"transfer_cache", held.transfer_cache},
                             {"free_pages", free_pages_},
                             {"metadata", metadata()}};
  std::uint64_t ours = 0;
  for (const auto& [name, bytes] : layers) ours += *bytes;
  layers["other"] = minus(resident, ours);
  layers["resident"] = resident;
  if (!checks_all_) layers["rounding"] = std::nullopt;
  return layers;
}

}  // namespace

Snapshot::Layers layers_of_process(const ProcessMemory& memory, const Outline& outline,
                                   bool checks_all) {
  return Walk(memory, outline, checks_all).layers();
}

}  // namespace tamari::lab
