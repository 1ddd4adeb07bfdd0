// The zero, overflow and errno table of glibc 2.36, row by row.

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>

#include "process.h"

namespace {

constexpr size_t kHuge[] = {static_cast<size_t>(PTRDIFF_MAX) - 4096,
                            PTRDIFF_MAX,
                            static_cast<size_t>(PTRDIFF_MAX) + 1,
                            SIZE_MAX - 65536,
                            SIZE_MAX - 4096,
                            SIZE_MAX - 16,
                            SIZE_MAX};
constexpr int kMark = 12345;

void expect_enomem(void* block, const char* what, size_t size) {
  if (block != nullptr || errno != ENOMEM) {
    expect_fail(__FILE__, __LINE__, "%s of %zx gave %p and errno %d", what, size, block, errno);
  }
  errno = kMark;
}

void impossible_sizes() {
  for (const size_t huge : kHuge) {
    const size_t size = opaque(huge);
    void* kept = malloc(10);
    memcpy(kept, "untouched", 10);
    errno = kMark;
    expect_enomem(malloc(size), "malloc", size);
    expect_enomem(calloc(1, size), "calloc", size);
    expect_enomem(realloc(nullptr, size), "realloc(NULL)", size);
    expect_enomem(realloc(opaque(kept), size), "realloc", size);
    expect_enomem(reallocarray(opaque(kept), size, 1), "reallocarray", size);
    expect_enomem(aligned_alloc(64, size & ~size_t{63}), "aligned_alloc", size);
    expect_enomem(memalign(64, size), "memalign", size);
    expect_enomem(memalign(size_t{1} << 40, size), "memalign, far", size);
    expect_enomem(valloc(size), "valloc", size);
    expect_enomem(pvalloc(size), "pvalloc", size);
    EXPECT(memcmp(kept, "untouched", 10) == 0);
    free(kept);
  }
}

// Sizes that could be addressed but that no machine can back.
void absurd_sizes() {
  for (int shift = 50; shift < 63; ++shift) {
    errno = kMark;
    expect_enomem(malloc(opaque(size_t{1} << shift)), "malloc", size_t{1} << shift);
  }
  expect_enomem(memalign(opaque(size_t{1} << 62), 1), "memalign", size_t{1} << 62);
  expect_enomem(memalign(opaque(size_t{1} << 63), 1), "memalign", size_t{1} << 63);
}

// Nobody's warm pages are given back in search of such a size.
void absurd_sizes_purge_nothing() {
  using Counter = int(const char*, uint64_t*);
  const auto counter = reinterpret_cast<Counter*>(dlsym(RTLD_DEFAULT, "tamari_counter"));
  if (counter == nullptr) return;
  uint64_t before = 0;
  uint64_t after = 0;
  constexpr size_t kBytes = 4 << 20;
  void* block = malloc(kBytes);
  REQUIRE(block != nullptr);
  memset(block, 1, kBytes);
  free(opaque(block));
  EXPECT(counter("heap_purge_calls", &before) == 0);
  EXPECT(malloc(opaque(size_t{1} << 50)) == nullptr);
  EXPECT(counter("heap_purge_calls", &after) == 0 && after == before);
}

void products_that_overflow() {
  const size_t half = opaque(size_t{1} << 32);
  void* kept = malloc(10);
  errno = kMark;
  expect_enomem(calloc(half, half), "calloc", half);
  expect_enomem(calloc(half + 1, half - 1 + (half >> 1)), "calloc", half + 1);
  expect_enomem(calloc(opaque(SIZE_MAX), 2), "calloc", SIZE_MAX);
  expect_enomem(reallocarray(opaque(kept), half, half), "reallocarray", half);
  expect_enomem(reallocarray(opaque(kept), 2, opaque(SIZE_MAX)), "reallocarray", SIZE_MAX);
  expect_enomem(reallocarray(nullptr, opaque(SIZE_MAX), 2), "reallocarray(NULL)", SIZE_MAX);
  free(kept);
}

void expect_distinct(void* (*make)()) {
  void* first = make();
  void* second = make();
  EXPECT(first != nullptr && second != nullptr && first != second);
  free(first);
  free(second);
}

void zero_sizes() {
  expect_distinct([] { return malloc(opaque(size_t{0})); });
  expect_distinct([] { return calloc(0, 8); });
  expect_distinct([] { return calloc(8, 0); });
  expect_distinct([] { return calloc(0, opaque(SIZE_MAX)); });
  expect_distinct([] { return realloc(nullptr, 0); });
  expect_distinct([] { return reallocarray(nullptr, 0, 8); });
  expect_distinct([] { return aligned_alloc(64, 0); });
  expect_distinct([] { return memalign(4096, 0); });
  expect_distinct([] { return valloc(0); });
  expect_distinct([] { return pvalloc(0); });
}

// glibc frees the block and returns NULL; that it was freed shows in the memory held.
void realloc_to_zero() {
  constexpr size_t kBytes = 32 << 20;
  for (int round = 0; round < 64; ++round) {
    char* block = static_cast<char*>(malloc(kBytes));
    REQUIRE(block != nullptr);
    memset(block, 1, kBytes / 8);
    errno = kMark;
    EXPECT(realloc(block, opaque(size_t{0})) == nullptr);
    EXPECT(errno == kMark);
  }
  EXPECT_AT_MOST(resident_kib(), 128 << 10);
}

void bad_posix_alignments() {
  char mark;
  for (const size_t alignment : {0, 1, 2, 3, 4, 7, 12, 24, 100, 4097}) {
    void* block = &mark;
    errno = kMark;
    EXPECT(posix_memalign(&block, opaque(alignment), 100) == EINVAL);
    EXPECT(block == &mark && errno == kMark);
  }
  for (const size_t size : kHuge) {
    void* block = &mark;
    errno = kMark;
    EXPECT(posix_memalign(&block, 64, opaque(size)) == ENOMEM);
    EXPECT(block == &mark && errno == ENOMEM);
  }
}

// glibc rounds the alignment up to a power of two.
void odd_memalign() {
  for (const size_t alignment : {0, 1, 2, 3, 5, 12, 24, 48, 65, 100, 4097}) {
    size_t rounded = 1;
    while (rounded < alignment) rounded *= 2;
    void* block = memalign(opaque(alignment), 100);
    REQUIRE(block != nullptr);
    EXPECT(reinterpret_cast<uintptr_t>(block) % rounded == 0);
    memset(block, 1, 100);
    free(block);
  }
  errno = kMark;
  EXPECT(memalign(opaque(SIZE_MAX), 8) == nullptr && errno == EINVAL);
}

// As glibc from 2.38 on; before, it rounded here as well, so a control may do either.
void odd_aligned_alloc() {
  for (const size_t alignment :
       {size_t{0}, size_t{3}, size_t{12}, size_t{65}, size_t{4097}, SIZE_MAX / 2 + 2, SIZE_MAX}) {
    errno = kMark;
    void* block = aligned_alloc(opaque(alignment), 8);
    EXPECT(block == nullptr ? errno == EINVAL : !expect_library());
    free(block);
  }
  for (size_t alignment = 1; alignment <= 1 << 20; alignment *= 2) {
    void* block = aligned_alloc(opaque(alignment), 8);
    EXPECT(block != nullptr && reinterpret_cast<uintptr_t>(block) % alignment == 0);
    free(block);
  }
  free(aligned_alloc(opaque(size_t{4096}), 100));  // not a multiple: accepted by all
}

void success_keeps_errno() {
  for (const size_t size : {1, 100, 5000, 100000, 1 << 20, 64 << 20}) {
    errno = kMark;
    void* block = malloc(size);
    block = realloc(block, size * 2);
    block = realloc(block, size / 2 + 1);
    EXPECT(block != nullptr && errno == kMark);
    free(block);
    EXPECT(errno == kMark);
    free(calloc(size, 2));
    free(memalign(4096, size));
    EXPECT(errno == kMark);
  }
}

}  // namespace

int main() {
  impossible_sizes();
  absurd_sizes();
  absurd_sizes_purge_nothing();
  products_that_overflow();
  zero_sizes();
  realloc_to_zero();
  bad_posix_alignments();
  odd_memalign();
  odd_aligned_alloc();
  success_keeps_errno();
  return expect_status();
}
