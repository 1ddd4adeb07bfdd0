// api.cpp - include/tamari/tamari.h.
#include <errno.h>
#include <tamari/tamari.h>

#include <cstring>

#include "heap/heap.h"
#include "heap/statistics.h"
#include "platform/text.h"

using namespace tamari;

extern "C" {

TAMARI_EXPORT const char* tamari_version() { return kVersion; }

TAMARI_EXPORT int tamari_set(const char* name, const char* value, char* reason, size_t size) {
  char discarded[1];
  Text text(reason != nullptr ? reason : discarded, reason != nullptr ? size : sizeof discarded);
  if (!g_heap.start()) return EINVAL;
  return g_heap.tunables.set(name, std::strlen(name), value, std::strlen(value), Origin::kCall,
                             text)
             ? 0
             : EINVAL;
}

TAMARI_EXPORT size_t tamari_get(const char* name, char* value, size_t size) {
  Text text(value, size);
  const size_t row = find_tunable(name, std::strlen(name));
  if (row == kTunableCount || !g_heap.start()) return 0;
  g_heap.tunables.print(row, text);
  return text.length();
}

TAMARI_EXPORT int tamari_counter(const char* name, uint64_t* value) {
  const Snapshot snapshot = take_snapshot();
  for (size_t i = 0; i < kCounterCount + kGaugeCount; ++i) {
    const bool counter = i < kCounterCount;
    const CounterRow& row = counter ? kCounterRows[i] : kGaugeRows[i - kCounterCount];
    if (std::strcmp(name, row.name) != 0) continue;
    *value = counter ? snapshot.counters[i] : snapshot.gauges[i - kCounterCount];
    return 0;
  }
  return EINVAL;
}

TAMARI_EXPORT size_t tamari_stats_json(char* buffer, size_t size) {
  Text text(buffer, size);
  print_json(text);
  return text.length();
}

TAMARI_EXPORT size_t tamari_stats_text(char* buffer, size_t size) {
  Text text(buffer, size);
  print_text(text);
  return text.length();
}

TAMARI_EXPORT uint64_t tamari_purge() {
  return g_heap.is_ready() ? g_heap.background.purge_now(current_owner()) : 0;
}

}  // extern "C"
