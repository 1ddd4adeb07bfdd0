// A measured figure beside its bound, one line each, so that a failure says what was measured:
//
//   held by 651 idle threads: 9216 KiB, at most 41664 KiB: ok
//
// Under the library a figure past its bound is a failure. In a run without it (glibc, for
// comparison) the line is printed and nothing else happens.

#pragma once

#include "../abi/process.h"

inline void show_figure(const char* what, double figure, const char* relation, double bound,
                        const char* unit, bool good) {
  char text[256];
  const char* verdict = good ? "ok" : expect_library() ? "FAILED" : "not required here";
  const int length = snprintf(text, sizeof text, "%s: %.6g %s, %s %.6g %s: %s\n", what, figure,
                              unit, relation, bound, unit, verdict);
  const size_t stored =
      static_cast<size_t>(length) < sizeof text ? static_cast<size_t>(length) : sizeof text - 1;
  if (write(STDOUT_FILENO, text, stored) < 0) {
    // The exit status still tells.
  }
  if (!good && expect_library()) __atomic_add_fetch(&expect_failures, 1, __ATOMIC_RELAXED);
}

inline void at_most(const char* what, double figure, double bound, const char* unit) {
  show_figure(what, figure, "at most", bound, unit, figure <= bound);
}

inline void at_least(const char* what, double figure, double bound, const char* unit) {
  show_figure(what, figure, "at least", bound, unit, figure >= bound);
}

// A figure without a bound.
inline void note(const char* what, double figure, const char* unit) {
  char text[256];
  const int length = snprintf(text, sizeof text, "%s: %.6g %s\n", what, figure, unit);
  if (write(STDOUT_FILENO, text, static_cast<size_t>(length)) < 0) {
    // Only a note.
  }
}

// What a process holds shall be at most this once it is quiet, for so much that is alive.
inline double settled_bound_kib(double live_kib) { return 1.25 * live_kib + 8 * 1024; }

// Asleep for `seconds`, without a call into the allocator; what is resident then, in KiB.
inline long resident_after(double seconds) {
  sleep_ms(static_cast<long>(seconds * 1000));
  return resident_kib();
}
