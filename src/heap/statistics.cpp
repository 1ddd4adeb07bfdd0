#include "heap/statistics.h"

#include <algorithm>
#include <cstring>

#include "heap/checked.h"
#include "heap/heap.h"
#include "heap/large_quarantine.h"
#include "heap/layers.h"
#include "heap/report.h"

namespace tamari {
namespace {

constexpr size_t kMostText = 32768;
constexpr int kStandardOutput = 1;
constexpr int kStandardError = 2;

void add_owners(Snapshot& snapshot) {
  Owners& owners = g_heap.owners;
  const LockGuard held = owners.hold();
  auto set = [&](Gauge name, uint64_t value) {
    snapshot.gauges[static_cast<size_t>(name)] = value;
  };
  uint64_t waiting_blocks = 0, waiting_bytes = 0, most_blocks = 0, most_bytes = 0, cached = 0;
  for (size_t row = 0; row < kCounterCount; ++row)
    snapshot.counters[row] = g_heap.background.counters().get(row);
  for (uint32_t id = 0; id < owners.count(); ++id) {
    Owner& owner = owners.at(id);
    for (size_t row = 0; row < kCounterCount; ++row) {
      uint64_t& sum = snapshot.counters[row];
      sum = Counters::join(row, sum, owner.counters.get(row));
    }
    if (owner.is_lost()) continue;
    if (owner.is_in_use()) cached += owner.cache.held_bytes();
    uint64_t blocks = 0, bytes = 0;
    for (size_t c = 1; c < kClassCount; ++c) {
      const uint64_t waiting = owner.stashes[c].waiting();
      blocks += waiting;
      bytes += waiting * kSizeClasses[c].size;
    }
    waiting_blocks += blocks;
    waiting_bytes += bytes;
    most_blocks = std::max(most_blocks, blocks);
    most_bytes = std::max(most_bytes, bytes);
  }
  set(Gauge::stash_waiting_blocks, waiting_blocks);
  set(Gauge::stash_waiting_bytes, waiting_bytes);
  set(Gauge::stash_waiting_owner_max_blocks, most_blocks);
  set(Gauge::stash_waiting_owner_max_bytes, most_bytes);
  set(Gauge::thread_cache_waiting_bytes, cached);
  set(Gauge::owners, owners.count() == 0 ? 0 : owners.count() - 1);
  set(Gauge::owners_active, owners.active());
  set(Gauge::owners_adopted, owners.adopted());
}

// ", in force VALUE (where it comes from)" for a value that is not the default.
void add_if_other(size_t row, const Tunables& defaults, Text& out) {
  const auto name = static_cast<Tunable>(row);
  if (g_heap.tunables.get(name) == defaults.get(name)) return;
  out.add(", in force ");
  g_heap.tunables.print(row, out);
  out.add(" (").add(origin_name(g_heap.tunables.origin(row))).add(")");
}

}  // namespace

Snapshot take_snapshot() {
  Snapshot snapshot{};
  if (!g_heap.is_ready()) return snapshot;
  auto set = [&](Gauge name, uint64_t value) {
    snapshot.gauges[static_cast<size_t>(name)] = value;
  };
  add_owners(snapshot);
  const PageHeap& pages = g_heap.shared.pages;
  set(Gauge::heap_in_use_bytes, pages.pages_in_use() << kPageShift);
  set(Gauge::heap_committed_bytes, g_heap.arena.committed_pages() << kPageShift);
  set(Gauge::heap_dirty_bytes, pages.dirty_pages() << kPageShift);
  set(Gauge::heap_purged_bytes, pages.purged_bytes());
  set(Gauge::heap_purge_calls, pages.purge_calls());
  set(Gauge::metadata_bytes, g_heap.arena.metadata_bytes());
  set(Gauge::quarantine_bytes, quarantined_bytes());
  uint64_t free_bytes = 0, span_pages = 0, created = 0, released = 0, adopted = 0;
  for (const CentralList& list : g_heap.shared.central) {
    const SizeClass& row = kSizeClasses[list.size_class()];
    free_bytes += list.free_blocks() * row.size;
    created += list.spans_created();
    released += list.spans_released();
    span_pages += (list.spans_created() - list.spans_released()) * row.span_pages;
    adopted += list.spans_adopted();
  }
  set(Gauge::central_free_bytes, free_bytes);
  const uint64_t in_use = snapshot[Gauge::heap_in_use_bytes];
  const uint64_t not_large = (span_pages << kPageShift) + large_quarantine_bytes();
  set(Gauge::large_bytes, in_use > not_large ? in_use - not_large : 0);
  set(Gauge::spans_created, created);
  set(Gauge::spans_released, released);
  set(Gauge::spans_adopted, adopted);
  set(Gauge::transfer_cache_blocks_bytes, g_heap.shared.transfer.bytes());
  set(Gauge::idle_caches_emptied, g_heap.background.caches_emptied());
  set(Gauge::background_ticks, g_heap.background.ticks());
  set(Gauge::background_threads_started, g_heap.background.starts());
  set(Gauge::resident_bytes, os::resident_bytes());
  return snapshot;
}

uint64_t live_bytes(const Snapshot& snapshot) {
  const uint64_t not_live =
      snapshot[Gauge::central_free_bytes] + snapshot[Gauge::transfer_cache_blocks_bytes] +
      snapshot[Gauge::stash_waiting_bytes] + snapshot[Gauge::thread_cache_waiting_bytes] +
      snapshot[Gauge::quarantine_bytes];
  const uint64_t in_use = snapshot[Gauge::heap_in_use_bytes];
  return in_use > not_live ? in_use - not_live : 0;
}

void print_json(Text& out) {
  const Snapshot snapshot = take_snapshot();
  out.add("{\"schema\":")
      .number(kStatisticsSchema)
      .add(",\"version\":\"")
      .add(kVersion)
      .add("\",\"effective\":{");
  for (size_t i = 0; i < kTunableCount; ++i) {
    const bool quoted = kTunableRows[i].is_choice();
    out.add(i == 0 ? "\"" : ",\"").add(kTunableRows[i].name).add(quoted ? "\":\"" : "\":");
    g_heap.tunables.print(i, out);
    if (quoted) out.add("\"");
  }
  out.add("},\"origin\":{");
  for (size_t i = 0; i < kTunableCount; ++i) {
    out.add(i == 0 ? "\"" : ",\"").add(kTunableRows[i].name).add("\":\"");
    out.add(origin_name(g_heap.tunables.origin(i))).add("\"");
  }
  out.add("},\"counters\":{");
  for (size_t i = 0; i < kCounterCount; ++i) {
    out.add(i == 0 ? "\"" : ",\"")
        .add(kCounterRows[i].name)
        .add("\":")
        .number(snapshot.counters[i]);
  }
  for (size_t i = 0; i < kGaugeCount; ++i) {
    out.add(",\"").add(kGaugeRows[i].name).add("\":").number(snapshot.gauges[i]);
  }
  out.add("},\"layers\":");
  print_layers_json(out);
  out.add("}\n");
}

void print_text(Text& out) {
  const Snapshot snapshot = take_snapshot();
  out.add("tamari ").add(kVersion).add(" statistics\n");
  auto line = [&](const CounterRow& row, uint64_t value) {
    const size_t start = out.length();
    out.add("  ").add(row.name);
    while (out.length() - start < 36) out.add(" ");
    out.number(value).add(" ").add(row.unit).add("\n");
  };
  for (size_t i = 0; i < kGaugeCount; ++i) line(kGaugeRows[i], snapshot.gauges[i]);
  for (size_t i = 0; i < kCounterCount; ++i) line(kCounterRows[i], snapshot.counters[i]);
  out.add("resident bytes by layer\n");
  const Layers layers = take_layers();
  for (size_t i = 0; i < kLayerCount; ++i) {
    if (layers.bytes[i] != kUnknownBytes) line(kLayerRows[i], layers.bytes[i]);
  }
  out.add("settings in force\n");
  for (size_t i = 0; i < kTunableCount; ++i) {
    out.add("  ").add(kTunableRows[i].name).add("=");
    g_heap.tunables.print(i, out);
    out.add(" (").add(origin_name(g_heap.tunables.origin(i))).add(")\n");
  }
}

void print_tunables() {
  char buffer[kMostText];
  Text out(buffer, sizeof buffer);
  const Tunables defaults;
  out.add("tamari ").add(kVersion).add(" settings: TAMARI_CONF=key=value,key=value\n");
  for (size_t i = 0; i < kTunableCount; ++i) {
    const TunableRow& row = kTunableRows[i];
    out.add("\n").add(row.name).add(": default ");
    defaults.print(i, out);
    add_if_other(i, defaults, out);
    out.add("  [");
    if (row.is_choice()) {
      out.add(row.unit);
    } else {
      out.number(row.least).add("..").number(row.greatest).add(" ").add(row.unit);
    }
    out.add(", takes effect ")
        .add(row.when == TunableRow::kLive ? "live" : "at start")
        .add("]\n    ")
        .add(row.text)
        .add("\n");
  }
  out.add(
      "\nstats_at_exit: default none  [text[:PATH]|json[:PATH], takes effect at exit]\n"
      "    statistics when the process ends, on standard error or in a file; %p in PATH is the "
      "process id\n");
  os::write_all(kStandardOutput, buffer, out.stored());
}

void print_banner() {
  char buffer[1024];
  Text out(buffer, sizeof buffer);
  out.add("tamari ").add(kVersion).add(":");
  for (size_t i = 0; i < kTunableCount; ++i) {
    if (g_heap.tunables.origin(i) == Origin::kDefault) continue;
    out.add(" ").add(kTunableRows[i].name).add("=");
    g_heap.tunables.print(i, out);
  }
  out.add("\n");
  os::write_all(kStandardError, buffer, out.stored());
}

void report_at_exit() {
  const char* wish = g_heap.tunables.exit_report();
  if (wish[0] == '\0') return;
  char buffer[kMostText];
  Text out(buffer, sizeof buffer);
  if (std::strncmp(wish, "json", 4) == 0) {
    print_json(out);
  } else {
    print_text(out);
  }
  int fd = kStandardError;
  char path_buffer[512];
  Text path(path_buffer, sizeof path_buffer);
  if (wish[4] == ':') {
    for (const char* c = wish + 5; *c != '\0'; ++c) {
      if (c[0] == '%' && c[1] == 'p') {
        path.number(static_cast<uint64_t>(os::process_id()));
        ++c;
      } else {
        path.add(c, 1);
      }
    }
    fd = os::open_for_writing(path.c_str());
  }
  const bool written = fd >= 0 && os::write_all(fd, buffer, out.stored());
  if (fd > kStandardError) os::close(fd);
  if (!written && wish[4] == ':') {
    char what[600];
    Text text(what, sizeof what);
    text.add("cannot write the statistics to ").add(path.c_str());
    warn("stats", what, "check the path, its permissions and the space left");
  }
}

}  // namespace tamari
