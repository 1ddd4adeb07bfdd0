// Somebody is there before the library: an audit library, or one that wraps dlsym. The program
// starts, allocates, makes threads, loads a plugin and forks.
//
// in_front PART_OF_A_NAME PLUGIN: what must be mapped, so that the test is no other one.

#include <dlfcn.h>

#include <thread>

#include "all_sizes.h"
#include "process.h"

namespace {

bool is_mapped(const char* name) {
  FILE* maps = fopen("/proc/self/maps", "re");
  REQUIRE(maps != nullptr);
  char line[512];
  bool found = false;
  while (fgets(line, sizeof line, maps) != nullptr) found = found || strstr(line, name) != nullptr;
  fclose(maps);
  return found;
}

void use_plugin(const char* path) {
  void* plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(plugin != nullptr);
  auto* duplicate = reinterpret_cast<char* (*)(const char*)>(dlsym(plugin, "plugin_duplicate"));
  REQUIRE(duplicate != nullptr);
  char* text = duplicate("from the plugin");
  EXPECT(dlclose(plugin) == 0);
  EXPECT(strcmp(text, "from the plugin") == 0);
  free(text);
}

void in_child(const char* plugin) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    allocate_all_sizes();
    std::thread(use_plugin, plugin).join();
    _exit(expect_status());
  }
  EXPECT(wait_for(child) == 0);
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc == 3 && is_mapped(argv[1]));
  allocate_all_sizes();
  for (int i = 0; i < 10; ++i) {
    std::thread(use_plugin, argv[2]).join();
    std::thread(allocate_all_sizes).join();
  }
  in_child(argv[2]);
  EXPECT(dlsym(RTLD_NEXT, "no_such_symbol_anywhere") == nullptr);
  return expect_status();
}
