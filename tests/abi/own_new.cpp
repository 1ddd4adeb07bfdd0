// The program has an operator new and an operator delete of its own, made of malloc and free, and
// no sized delete: that of the C++ runtime would call its delete, the library's takes the block of
// malloc, and may not complain.

#include <dlfcn.h>
#include <stdint.h>

#include <new>

#include "process.h"

void* operator new(size_t size) {
  void* block = malloc(size);
  REQUIRE(block != nullptr);
  return block;
}

void operator delete(void* block) noexcept { free(block); }

int main() {
  for (const size_t size : {size_t{100}, size_t{300000}})
    operator delete(opaque(operator new(size)), size);

  using Counter = int(const char*, uint64_t*);
  const auto counter = reinterpret_cast<Counter*>(dlsym(RTLD_DEFAULT, "tamari_counter"));
  const char* settings = getenv("TAMARI_CONF");
  if (counter == nullptr || settings == nullptr || strstr(settings, "check=all") == nullptr)
    return expect_status();
  uint64_t mismatches = 0;
  EXPECT(counter("family_mismatches", &mismatches) == 0 && mismatches == 2);
  return expect_status();
}
