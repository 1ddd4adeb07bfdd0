// A plugin that linked the static archive is opened, used by several threads, and closed; then
// those threads end. Nobody may jump to code that is no longer there. In a process whose malloc is
// libc's, and in one that preloads the library.
//
// unload PLUGIN [deepbind]

#include <dlfcn.h>

#include <atomic>
#include <thread>

#include "figure.h"

namespace {

void open_use_close(const char* path, int flags) {
  void* plugin = dlopen(path, RTLD_NOW | flags);
  if (plugin == nullptr) expect_fail(__FILE__, __LINE__, "dlopen: %s", dlerror());
  REQUIRE(plugin != nullptr);
  const auto use = reinterpret_cast<void (*)()>(dlsym(plugin, "plugin_use"));
  REQUIRE(use != nullptr);
  std::atomic<int> stage = 0;
  std::thread outlives([&] {
    use();
    stage = 1;
    while (stage != 2) sleep_ms(1);
  });
  while (stage != 1) sleep_ms(1);
  use();
  EXPECT(dlclose(plugin) == 0);
  stage = 2;
  outlives.join();
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc >= 2);
  const int flags = argc > 2 ? RTLD_DEEPBIND : 0;
  for (int i = 0; i < 3; ++i) open_use_close(argv[1], flags);
  sleep_ms(2500);  // the plugin's background thread has woken by then
  free(opaque(malloc(100)));
  puts("the process lives on: ok");
  return expect_status();
}
