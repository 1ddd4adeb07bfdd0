// The correctness checks: one that fails ends the process with status 1, before any figure is
// printed.
#pragma once

namespace tamari::bench {

// Named in the messages, before what failed: "bench_suite: symbolic".
void set_check_context(const char* program, const char* work);

[[noreturn]] void fail(const char* what);

inline void require(bool holds, const char* what) {
  if (!holds) [[unlikely]] {
    fail(what);
  }
}

}  // namespace tamari::bench
