// A plugin opened with RTLD_DEEPBIND returns memory from libc's malloc, and the program frees it.
// The tunable `foreign` says what then happens: one line that names the call and an abort, one line
// and on, or on in silence. Elsewhere the plugin works.
//
// deepbind PLUGIN

#include <dlfcn.h>
#include <signal.h>

#include <string>

#include "figure.h"

namespace {

struct Policy {
  const char* name;
  int status;
  bool speaks;
};
constexpr Policy kPolicies[] = {
    {"abort", 128 + SIGABRT, true}, {"report", 0, true}, {"ignore", 0, false}};

// In the child.
int use(const char* path) {
  void* plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  REQUIRE(plugin != nullptr);
  const auto duplicate =
      reinterpret_cast<char* (*)(const char*)>(dlsym(plugin, "plugin_duplicate"));
  const auto release = reinterpret_cast<void (*)(void*)>(dlsym(plugin, "plugin_free"));
  REQUIRE(duplicate != nullptr && release != nullptr);
  release(duplicate("within the plugin"));
  char* text = duplicate("from the plugin");
  REQUIRE(strcmp(text, "from the plugin") == 0);
  free(text);
  for (size_t size = 16; size < 1 << 20; size *= 2) free(opaque(malloc(size)));
  return expect_status();
}

struct Told {
  int status;
  std::string text;
};

Told run(const char* path, const Policy& policy) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    setenv("TAMARI_CONF", (std::string("strict=1,foreign=") + policy.name).c_str(), 1);
    char* const arguments[] = {const_cast<char*>("/proc/self/exe"), const_cast<char*>(path),
                               const_cast<char*>("use"), nullptr};
    execv(arguments[0], arguments);
    _exit(127);
  }
  close(ends[1]);
  Told told;
  char text[512];
  for (ssize_t got; (got = read(ends[0], text, sizeof text)) > 0;)
    told.text.append(text, static_cast<size_t>(got));
  close(ends[0]);
  told.status = wait_for(child);
  return told;
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc >= 2);
  if (argc == 3) return use(argv[1]);
  if (!expect_library()) return 0;
  for (const Policy& policy : kPolicies) {
    const Told told = run(argv[1], policy);
    printf("foreign=%s: status %d, %s", policy.name, told.status,
           told.text.empty() ? "silent\n" : told.text.c_str());
    EXPECT(told.status == policy.status);
    EXPECT((told.text.find("tamari: invalid-free:") == 0) == policy.speaks);
    EXPECT(told.text.empty() == !policy.speaks);
    EXPECT(told.text.find('\n') == told.text.rfind('\n'));
  }
  return expect_status();
}
