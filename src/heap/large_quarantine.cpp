#include "heap/large_quarantine.h"

#include <utility>

#include "heap/quarantine.h"

namespace tamari {
namespace {

constexpr size_t kPlaces = 32;
constexpr size_t kMostBytes = size_t{1} << 30;

struct LargeRuns {
  Lock lock;
  size_t next = 0;   // place, of the oldest
  size_t bytes = 0;  // that wait
  LargeRun places[kPlaces] = {};
};
constinit LargeRuns g_runs;

size_t bytes_of(const LargeRun& run) { return run.pages << kPageShift; }

}  // namespace

void quarantine_large(LargeRun run) {
  LargeRuns& runs = g_runs;
  LargeRun leaving[kPlaces];
  size_t count = 0;
  {
    HandlerGuard guard(runs.lock);
    if (guard.was_held()) return release_large(run);
    runs.bytes += bytes_of(run);
    do {
      LargeRun& oldest = leaving[count++] = std::exchange(runs.places[runs.next], {});
      runs.next = (runs.next + 1) % kPlaces;
      runs.bytes -= bytes_of(oldest);
    } while (runs.bytes > kMostBytes && count < kPlaces);
    runs.places[(runs.next + kPlaces - 1) % kPlaces] = run;
  }
  for (size_t i = 0; i < count; ++i) {
    if (leaving[i].pages != 0) release_large(leaving[i]);
  }
}

bool empty_large_quarantine() {
  LargeRuns& runs = g_runs;
  bool found = false;
  for (LargeRun& place : runs.places) {
    LargeRun leaving{};
    {
      HandlerGuard guard(runs.lock);
      if (guard.was_held()) return found;
      std::swap(leaving, place);
      runs.bytes -= bytes_of(leaving);
    }
    if (leaving.pages == 0) continue;
    release_large(leaving);
    found = true;
  }
  return found;
}

TAMARI_RACY_READ size_t large_quarantine_bytes() { return g_runs.bytes; }

// What was changing hands may be half-written: the child gives up what waits.
void reset_large_quarantine_after_fork(Whose whose) {
  if (!g_runs.lock.reset_after_fork(whose)) return;
  g_runs.bytes = 0;
  for (LargeRun& place : g_runs.places) place = {};
}

}  // namespace tamari
