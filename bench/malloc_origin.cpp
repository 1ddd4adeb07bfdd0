// See malloc_origin.h. By name and not by &malloc: that is the linker's stand-in where calls are
// wrapped (bench_suite_latency).
#include "malloc_origin.h"

#include <dlfcn.h>
#include <unistd.h>

#include <climits>
#include <cstdio>

namespace tamari::bench {

void print_malloc_origin() {
  void* address = dlsym(RTLD_DEFAULT, "malloc");
  Dl_info info{};
  const bool found = address != nullptr && dladdr(address, &info) != 0;
  char line[PATH_MAX + 16];
  const int length =
      std::snprintf(line, sizeof line, "malloc_from=%s\n", found ? info.dli_fname : "");
  (void)!write(STDOUT_FILENO, line, static_cast<std::size_t>(length));
}

}  // namespace tamari::bench
