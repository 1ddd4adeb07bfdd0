// Stands in for the library: owns malloc, and answers TAMARI_CONF as the library promises to. It
// knows one key, `known`.
#include <dlfcn.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {

void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) { return __libc_malloc(size); }
void free(void* block) { __libc_free(block); }
void* calloc(std::size_t count, std::size_t size) { return __libc_calloc(count, size); }
void* realloc(void* block, std::size_t size) { return __libc_realloc(block, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? 12 : 0;
}
std::size_t malloc_usable_size(void* block) {
  static auto* const real =
      reinterpret_cast<std::size_t (*)(void*)>(dlsym(RTLD_NEXT, "malloc_usable_size"));
  return real(block);
}

}  // extern "C"

void* operator new(std::size_t size) { return malloc(size); }
void* operator new[](std::size_t size) { return malloc(size); }
void operator delete(void* block) noexcept { free(block); }
void operator delete[](void* block) noexcept { free(block); }
void operator delete(void* block, std::size_t) noexcept { free(block); }
void operator delete[](void* block, std::size_t) noexcept { free(block); }

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
