// Plugins come and go; their blocks are freed by others, also after the plugin is gone.

#include <dlfcn.h>

#include <thread>

#include "process.h"

namespace {

using Duplicate = char*(const char*);
using Free = void(void*);

template <typename Function>
Function* find(void* plugin, const char* name) {
  auto* function = reinterpret_cast<Function*>(dlsym(plugin, name));
  REQUIRE(function != nullptr);
  return function;
}

void load_use_unload(const char* path) {
  void* plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(plugin != nullptr);
  char* text = find<Duplicate>(plugin, "plugin_duplicate")("from the plugin");
  find<Free>(plugin, "plugin_free")(malloc(3000));
  EXPECT(dlclose(plugin) == 0);
  EXPECT(strcmp(text, "from the plugin") == 0);
  free(text);
}

// A failing dlsym or dlopen allocates its message, in the thread that reads it.
void failing_lookups() {
  for (int i = 0; i < 100; ++i) {
    EXPECT(dlsym(RTLD_NEXT, "no_such_symbol_anywhere") == nullptr);
    EXPECT(dlopen("/nowhere/no_such_plugin.so", RTLD_NOW) == nullptr);
    EXPECT(strstr(dlerror(), "no_such_plugin") != nullptr);
  }
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc == 2);
  for (int i = 0; i < 50; ++i) load_use_unload(argv[1]);
  for (int i = 0; i < 50; ++i) std::thread(load_use_unload, argv[1]).join();
  const long warm = resident_kib();
  for (int i = 0; i < 200; ++i) load_use_unload(argv[1]);
  EXPECT_AT_MOST(resident_kib() - warm, 4096);
  std::thread(failing_lookups).join();
  failing_lookups();
  return expect_status();
}
