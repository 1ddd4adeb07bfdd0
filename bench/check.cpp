// See check.h. Writes without stdio, whose buffers are the allocator's.
#include "bench/check.h"

#include <unistd.h>

#include <cstdio>

namespace tamari::bench {
namespace {

constexpr int kCheckFailed = 1;
const char* g_program = "";
const char* g_work = "";

}  // namespace

void set_check_context(const char* program, const char* work) {
  g_program = program;
  g_work = work;
}

void fail(const char* what) {
  char line[256];
  const int length =
      std::snprintf(line, sizeof line, "%s: %s: check failed: %s\n", g_program, g_work, what);
  (void)!write(STDERR_FILENO, line, static_cast<std::size_t>(length));
  _exit(kCheckFailed);
}

}  // namespace tamari::bench
