// The program puts itself in front of mmap, open, pthread_create and calloc, as tracers do. Each
// wrapper finds the next definition with dlsym at its first call and allocates: whoever calls it
// while holding a lock of the allocator, or calls it to build the allocator, hangs or recurses.

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>

#include <atomic>

#include "process.h"

namespace {

std::atomic<int> wrapped_calls;

template <typename Function>
Function* next(const char* name) {
  ++wrapped_calls;
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void allocate_a_little() {
  thread_local bool inside;
  if (inside) return;
  inside = true;
  free(opaque(malloc(100)));
  free(opaque(malloc(40000)));
  inside = false;
}

}  // namespace

extern "C" {

void* mmap(void* at, size_t length, int protection, int flags, int fd, off_t offset) noexcept {
  static auto* const real = next<void*(void*, size_t, int, int, int, off_t)>("mmap");
  allocate_a_little();
  return real(at, length, protection, flags, fd, offset);
}

int open(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open");
  va_list args;
  va_start(args, flags);
  const int mode = va_arg(args, int);
  va_end(args);
  allocate_a_little();
  return real(path, flags, mode);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                   void* argument) noexcept {
  using Create = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static auto* const real = next<Create>("pthread_create");
  allocate_a_little();
  return real(thread, attributes, body, argument);
}

// The well-known recursion: dlsym may itself call calloc.
void* calloc(size_t count, size_t size) noexcept {
  using Calloc = void*(size_t, size_t);
  static std::atomic<Calloc*> real;
  thread_local bool looking;
  if (real == nullptr && !looking) {
    looking = true;
    real = next<Calloc>("calloc");
    looking = false;
  }
  if (real != nullptr) return real.load()(count, size);
  void* block = malloc(count * size);
  return block == nullptr ? nullptr : memset(block, 0, count * size);
}

}  // extern "C"

int main() {
  pthread_t thread;
  const auto body = [](void*) -> void* {
    free(opaque(malloc(1 << 20)));
    free(opaque(calloc(10, 10000)));
    return nullptr;
  };
  for (int i = 0; i < 20; ++i) {
    REQUIRE(pthread_create(&thread, nullptr, body, nullptr) == 0);
    pthread_join(thread, nullptr);
  }
  EXPECT(resident_kib() > 0);
  char* table = map_table<char>(4096);
  table[0] = 1;
  EXPECT(wrapped_calls == 4);
  return expect_status();
}
