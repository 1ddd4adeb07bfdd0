// A malloc with one fault, over libc's, for the test of the fuzzer itself: now and then what
// FUZZ_FAULT names goes wrong.
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void __libc_free(void* block);
}

namespace {

bool is_wanted(const char* fault) {
  static const char* const wanted = getenv("FUZZ_FAULT");
  return wanted != nullptr && strcmp(wanted, fault) == 0;
}

// Not the first ones, so that the fuzzer's blocks are there.
bool goes_wrong(const char* fault) {
  static std::atomic<unsigned> calls;
  return is_wanted(fault) && ++calls > 2000 && calls % 100 == 0;
}

std::atomic<char*> last;  // a live block, as a rule; with room for all that are to go wrong

}  // namespace

extern "C" {

void* malloc(size_t size) {
  if (size < 256 || size >= 600) return __libc_malloc(size);
  if (size >= 500) {
    auto* block = static_cast<char*>(__libc_malloc(size));
    last = block;
    return block;
  }
  char* victim = last;
  if (victim != nullptr && goes_wrong("overlap")) return victim;
  if (victim != nullptr && goes_wrong("contents")) victim[40] ^= 1;  // libc needs the bytes before
  if (goes_wrong("misaligned")) return static_cast<char*>(__libc_malloc(size + 16)) + 8;
  return __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  auto* block = static_cast<char*>(__libc_calloc(count, size));
  if (block != nullptr && count * size >= 256 && goes_wrong("nonzero")) block[count * size - 1] = 1;
  return block;
}

void* realloc(void* block, size_t size) {
  auto* moved = static_cast<char*>(__libc_realloc(block, size));
  if (size >= 256 && moved != nullptr && goes_wrong("realloc")) moved[3] ^= 1;
  return moved;
}

size_t malloc_usable_size(void* block) {
  using Size = size_t(void*);
  static auto* const real = reinterpret_cast<Size*>(dlsym(RTLD_NEXT, "malloc_usable_size"));
  const size_t bytes = real(block);
  return bytes > 64 && goes_wrong("usable") ? bytes - 8 : bytes;
}

void free(void* block) {
  if (block == last) last = nullptr;
  if (is_wanted("overlap")) return;  // libc would see the second free first, and abort
  __libc_free(block);
  if (goes_wrong("errno")) errno = ENOMEM;
}

}  // extern "C"
