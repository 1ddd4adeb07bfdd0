// See check.h. Writes without stdio, whose buffers are the allocator's.
#include "bench/suite/check.h"

#include <unistd.h>

#include <cstdio>

namespace tamari::bench {
namespace {

constexpr int kCheckFailed = 1;
const char* g_workload = "";

}  // namespace

void set_check_context(const char* workload) { g_workload = workload; }

void fail(const char* what) {
  char line[256];
  const int length =
      std::snprintf(line, sizeof line, "bench_suite: %s: check failed: %s\n", g_workload, what);
  (void)!write(STDERR_FILENO, line, static_cast<std::size_t>(length));
  _exit(kCheckFailed);
}

}  // namespace tamari::bench
