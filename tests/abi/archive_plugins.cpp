// A plugin that was linked with the archive is closed while a thread that has used it lives on.
// That thread's end, and the timer that returns memory, come to code that must still be there.

#include <dlfcn.h>
#include <unistd.h>

#include <latch>
#include <thread>

#include "process.h"

namespace {

constexpr useconds_t kPastPurge = 1500 * 1000;  // us, more than decay_ms

void load_use_close(const char* path, int flags) {
  void* plugin = dlopen(path, RTLD_NOW | flags);
  REQUIRE(plugin != nullptr);
  auto* use = reinterpret_cast<void (*)()>(dlsym(plugin, "plugin_use"));
  REQUIRE(use != nullptr);
  std::latch used(1);
  std::latch closed(1);
  std::thread survivor([&] {
    use();
    used.count_down();
    closed.wait();
  });
  used.wait();
  use();
  EXPECT(dlclose(plugin) == 0);
  closed.count_down();
  survivor.join();
  usleep(kPastPurge);
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc >= 2);
  for (int i = 1; i < argc; ++i) {
    load_use_close(argv[i], RTLD_LOCAL);
    load_use_close(argv[i], RTLD_LOCAL | RTLD_DEEPBIND);
  }
  return expect_status();
}
