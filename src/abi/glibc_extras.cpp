// glibc_extras.cpp - malloc_trim, mallinfo and their kin, with true values.
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>

#include <algorithm>

#include "heap/heap.h"
#include "heap/statistics.h"
#include "platform/text.h"

using namespace tamari;

namespace {

constexpr size_t kMostText = 32768;

struct mallinfo2 info_of(const Snapshot& snapshot) {
  const uint64_t live = live_bytes(snapshot);
  // As glibc counts the blocks that it maps one by one.
  const uint64_t large = std::min(live, snapshot[Gauge::large_bytes]);
  struct mallinfo2 info {};
  info.arena = snapshot[Gauge::heap_committed_bytes] - large;
  info.hblks = snapshot[Counter::alloc_large] - snapshot[Counter::free_large];
  info.hblkhd = large;
  info.ordblks = snapshot[Gauge::spans_created] - snapshot[Gauge::spans_released];
  info.uordblks = live - large;
  info.fordblks = snapshot[Gauge::heap_committed_bytes] - live;
  info.keepcost = snapshot[Gauge::heap_dirty_bytes];
  info.fsmblks = snapshot[Gauge::thread_cache_waiting_bytes];
  return info;
}

int clamp_to_int(size_t value) { return value > INT_MAX ? INT_MAX : static_cast<int>(value); }

}  // namespace

extern "C" {

TAMARI_EXPORT int malloc_trim(size_t) {
  return g_heap.is_ready() && g_heap.background.purge_now(current_owner()) > 0 ? 1 : 0;
}

TAMARI_EXPORT struct mallinfo2 mallinfo2() { return info_of(take_snapshot()); }

TAMARI_EXPORT struct mallinfo mallinfo() {
  const struct mallinfo2 wide = info_of(take_snapshot());
  struct mallinfo info {};
  info.arena = clamp_to_int(wide.arena);
  info.ordblks = clamp_to_int(wide.ordblks);
  info.hblks = clamp_to_int(wide.hblks);
  info.hblkhd = clamp_to_int(wide.hblkhd);
  info.uordblks = clamp_to_int(wide.uordblks);
  info.fordblks = clamp_to_int(wide.fordblks);
  info.keepcost = clamp_to_int(wide.keepcost);
  info.fsmblks = clamp_to_int(wide.fsmblks);
  return info;
}

// What glibc's version 1 tells of an arena, of the one heap there is; then what is counted here.
TAMARI_EXPORT int malloc_info(int options, FILE* stream) {
  if (options != 0) return EINVAL;
  const Snapshot snapshot = take_snapshot();
  const struct mallinfo2 info = info_of(snapshot);
  auto system = [&] {
    const size_t committed = info.arena + info.hblkhd;  // never shrinks
    fprintf(stream, "<system type=\"current\" size=\"%zu\"/>\n", committed);
    fprintf(stream, "<system type=\"max\" size=\"%zu\"/>\n", committed);
  };
  auto total = [&](const char* type, size_t count, size_t size) {
    fprintf(stream, "<total type=\"%s\" count=\"%zu\" size=\"%zu\"/>\n", type, count, size);
  };
  fprintf(stream, "<malloc version=\"1\">\n<heap nr=\"0\">\n<sizes>\n</sizes>\n");
  total("fast", 0, 0);
  total("rest", info.ordblks, info.fordblks);
  system();
  fprintf(stream, "</heap>\n");
  total("fast", 0, 0);
  total("rest", info.ordblks, info.fordblks);
  total("mmap", info.hblks, info.hblkhd);
  system();
  fprintf(stream, "<allocator name=\"tamari\" version=\"%s\"/>\n", kVersion);
  auto row = [&](const CounterRow& r, uint64_t value) {
    fprintf(stream, "<counter name=\"%s\" unit=\"%s\" value=\"%llu\"/>\n", r.name, r.unit,
            static_cast<unsigned long long>(value));
  };
  for (size_t i = 0; i < kGaugeCount; ++i) row(kGaugeRows[i], snapshot.gauges[i]);
  for (size_t i = 0; i < kCounterCount; ++i) row(kCounterRows[i], snapshot.counters[i]);
  fprintf(stream, "</malloc>\n");
  return 0;
}

// First what glibc's tells, in its words; for the most that was ever mapped, what is so now.
TAMARI_EXPORT void malloc_stats() {
  char buffer[kMostText];
  Text out(buffer, sizeof buffer);
  const struct mallinfo2 info = mallinfo2();
  auto line = [&](const char* name, size_t value) { out.add(name).number(value).add("\n"); };
  out.add("Arena 0:\n");
  line("system bytes     = ", info.arena);
  line("in use bytes     = ", info.uordblks);
  out.add("Total (incl. mmap):\n");
  line("system bytes     = ", info.arena + info.hblkhd);
  line("in use bytes     = ", info.uordblks + info.hblkhd);
  line("max mmap regions = ", info.hblks);
  line("max mmap bytes   = ", info.hblkhd);
  print_text(out);
  os::write_all(2, buffer, out.stored());
}

// bionic's M_PURGE and M_PURGE_ALL give memory back now. glibc's parameters have no counterpart
// here, and, as with glibc, one that is not known is no error; a value that it refuses is.
TAMARI_EXPORT int mallopt(int parameter, int value) {
  constexpr int kPurge = -101;
  constexpr int kPurgeAll = -104;
  constexpr auto kMostFast = static_cast<int>(80 * sizeof(size_t) / 4);
  if (parameter == M_MXFAST && (value < 0 || value > kMostFast)) return 0;
  if (parameter == kPurge || parameter == kPurgeAll) malloc_trim(0);
  return 1;
}

}  // extern "C"
