// Stands in for the library: owns malloc, and answers TAMARI_CONF as the library promises to. It
// knows one key, `known`.
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "glibc_family.h"

static void before_malloc() {}

namespace {

void print(int file, const char* text) { (void)!write(file, text, std::strlen(text)); }

__attribute__((constructor)) void read_settings() {
  constexpr int kBadSettings = 78;
  const char* settings = std::getenv("TAMARI_CONF");
  if (settings == nullptr) return;
  if (std::strcmp(settings, "help") == 0) {
    print(STDOUT_FILENO, "known  a key\n");
    _exit(0);
  }
  const bool strict = std::strstr(settings, "strict=1") != nullptr;
  if (strict && std::strstr(settings, "unknown=") != nullptr) {
    print(STDERR_FILENO, "tamari: unknown is not an option. Did you mean known?\n");
    _exit(kBadSettings);
  }
}

}  // namespace
