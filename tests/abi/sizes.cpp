// Blocks of every size and alignment hold what they promise: aligned, apart, zeroed by calloc,
// kept by realloc.

#include <malloc.h>
#include <stdint.h>

#include "process.h"

namespace {

constexpr size_t kMiB = 1 << 20;

void expect_aligned(void* const* blocks, int count, size_t size, size_t alignment) {
  for (int i = 0; i < count; ++i) {
    const bool good = blocks[i] != nullptr &&
                      reinterpret_cast<uintptr_t>(blocks[i]) % alignment == 0 &&
                      malloc_usable_size(blocks[i]) >= size;
    if (!good) {
      expect_fail(__FILE__, __LINE__, "size %zu alignment %zu gave %p", size, alignment, blocks[i]);
      _exit(1);
    }
  }
}

// Touches both ends of each block with a value of its own, then reads all of them back: blocks
// that overlap cannot both keep theirs.
void expect_apart(void* const* blocks, int count) {
  const auto end_of = [](void* block) {
    return static_cast<unsigned char*>(block) + malloc_usable_size(block) - 1;
  };
  for (int i = 0; i < count; ++i) {
    if (malloc_usable_size(blocks[i]) == 0) continue;
    *static_cast<unsigned char*>(blocks[i]) = static_cast<unsigned char>(i + 1);
    *end_of(blocks[i]) = static_cast<unsigned char>(i + 1);
  }
  for (int i = 0; i < count; ++i) {
    if (malloc_usable_size(blocks[i]) == 0) continue;
    EXPECT(*static_cast<unsigned char*>(blocks[i]) == i + 1 && *end_of(blocks[i]) == i + 1);
  }
}

void aligned_blocks(size_t size, size_t alignment) {
  constexpr int kBlocks = 6;
  void* blocks[kBlocks] = {};
  for (int i = 0; i < kBlocks; i += 3) {
    blocks[i] = memalign(alignment, size);
    blocks[i + 1] = aligned_alloc(alignment, size);
    if (alignment < sizeof(void*)) {
      blocks[i + 2] = malloc(size);
    } else {
      EXPECT(posix_memalign(&blocks[i + 2], alignment, size) == 0);
    }
  }
  expect_aligned(blocks, kBlocks, size, alignment);
  expect_apart(blocks, kBlocks);
  for (void* block : blocks) free(block);
}

void alignment_grid() {
  for (size_t alignment = 1; alignment <= 4 * kMiB; alignment *= 2) {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{7}, size_t{16}, size_t{17}, size_t{100},
                              size_t{1000}, size_t{4097}, size_t{40000}, size_t{300000}, kMiB + 1,
                              alignment - 1, alignment, alignment + 1, alignment * 3 / 2}) {
      aligned_blocks(size, alignment);
    }
  }
  for (const size_t size : {size_t{0}, size_t{1}, size_t{4096}, kMiB + 1}) {
    aligned_blocks(size, 256 * kMiB);
  }
}

// Every size to 8 KiB, then in steps of an eighth.
size_t next_size(size_t size) { return size < 8192 ? size + 1 : size + size / 8 + 1; }

void usable_sizes() {
  for (size_t size = 0; size <= 64 * kMiB; size = next_size(size)) {
    char* block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr && reinterpret_cast<uintptr_t>(block) % 16 == 0);
    const size_t usable = malloc_usable_size(block);
    EXPECT(usable >= size);
    memset(block, 1, usable < 4096 ? usable : 4096);
    if (usable > 0) block[usable - 1] = 2;
    free(block);
  }
}

bool all_zero(const char* block, size_t size) {
  return size == 0 || (block[0] == 0 && memcmp(block, block + 1, size - 1) == 0);
}

// Dirties blocks of the size, gives them back, and asks for cleared ones: cleared as far as they
// may be used.
void cleared_after(size_t size, int count) {
  char* blocks[8];
  REQUIRE(count <= 8);
  for (int i = 0; i < count; ++i) {
    blocks[i] = static_cast<char*>(malloc(size));
    REQUIRE(blocks[i] != nullptr);
    memset(blocks[i], 0xa5, malloc_usable_size(blocks[i]));
  }
  for (int i = 0; i < count; ++i) free(blocks[i]);
  for (int i = 0; i < count; ++i) {
    blocks[i] = static_cast<char*>(calloc(1, size));
    REQUIRE(blocks[i] != nullptr);
    if (!all_zero(blocks[i], malloc_usable_size(blocks[i])))
      expect_fail(__FILE__, __LINE__, "calloc of %zu is dirty", size);
  }
  for (int i = 0; i < count; ++i) free(blocks[i]);
}

void cleared_blocks() {
  for (size_t size = 1; size <= 64 * kMiB; size = next_size(size + size / 64)) {
    cleared_after(size, size <= kMiB ? 8 : 2);
  }
  cleared_after(64 * kMiB, 2);
}

unsigned char pattern(size_t offset) {
  return static_cast<unsigned char>(offset * 0x9e3779b97f4a7c15u >> 56);
}

// A prime stride meets every page of a large block without reading all of it.
size_t stride_for(size_t size) { return size < 64 * 1024 ? 1 : 1021; }

void write_pattern(unsigned char* block, size_t size) {
  for (size_t i = 0; i < size; i += stride_for(size)) block[i] = pattern(i);
  block[size - 1] = pattern(size - 1);
}

void expect_pattern(const unsigned char* block, size_t written, size_t kept) {
  for (size_t i = 0; i < kept; i += stride_for(written)) {
    if (block[i] == pattern(i)) continue;
    expect_fail(__FILE__, __LINE__, "realloc of %zu lost byte %zu of %zu", written, i, kept);
    return;
  }
}

unsigned char* resize(unsigned char* block, size_t from, size_t to) {
  write_pattern(block, from);
  block = static_cast<unsigned char*>(realloc(block, to));
  REQUIRE(block != nullptr && malloc_usable_size(block) >= to);
  expect_pattern(block, from, from < to ? from : to);
  return block;
}

// Grows through every regime and comes back, so that each kind of block turns into each
// neighbouring kind; `step` / 8 is the factor.
void resize_chain(size_t step, size_t largest) {
  unsigned char* block = static_cast<unsigned char*>(malloc(1));
  REQUIRE(block != nullptr);
  size_t size = 1;
  while (size < largest) {
    const size_t next = size + size * (step - 8) / 8 + 1;
    block = resize(block, size, next);
    size = next;
  }
  while (size > 1) {
    const size_t next = size * 8 / step;
    block = resize(block, size, next == 0 ? 1 : next);
    size = next == 0 ? 1 : next;
  }
  free(block);
}

void resize_far() {
  constexpr size_t kSizes[] = {1, 24, 700, 5000, 70000, 300000, 3 * kMiB, 40 * kMiB, 256 * kMiB};
  for (const size_t from : kSizes) {
    for (const size_t to : kSizes) {
      unsigned char* block = static_cast<unsigned char*>(malloc(from));
      REQUIRE(block != nullptr);
      free(resize(block, from, to));
    }
  }
}

// A block with live neighbours on both sides cannot grow where it stands.
void resize_between_neighbours() {
  for (size_t size = 8; size <= 4 * kMiB; size *= 3) {
    unsigned char* blocks[3];
    for (unsigned char*& block : blocks) {
      block = static_cast<unsigned char*>(malloc(size));
      REQUIRE(block != nullptr);
      write_pattern(block, size);
    }
    blocks[1] = resize(blocks[1], size, size * 2);
    blocks[1] = resize(blocks[1], size * 2, size / 3);
    expect_pattern(blocks[0], size, size);
    expect_pattern(blocks[2], size, size);
    for (unsigned char* block : blocks) free(block);
  }
}

void resized_blocks() {
  resize_chain(9, 2 * kMiB);
  resize_chain(12, 64 * kMiB);
  resize_chain(24, 256 * kMiB);
  resize_far();
  resize_between_neighbours();
}

// By a little, a block grows and shrinks where it stands: a program that is careful about copies
// counts on that, from its first block on.
void resized_in_place() {
  for (const size_t size : {10, 100, 1000, 10000, 100000}) {
    void* block = malloc(size);
    REQUIRE(block != nullptr);
    memset(block, 7, size);
    const auto* bytes = static_cast<unsigned char*>(block);
    for (const size_t other : {size, size + 1, size - 2, size + 4, size - 1, size}) {
      EXPECT(realloc(opaque(block), other) == block);
      EXPECT(bytes[0] == 7 && bytes[size - 3] == 7);
    }
    EXPECT(realloc(opaque(block), malloc_usable_size(block)) == block);
    free(block);
  }
}

// What was written once is cleared again, but not by writing to all of it.
void cleared_sparsely() {
  constexpr size_t kBytes = 512 * kMiB;
  for (int i = 0; i < 3; ++i) {
    auto* block = static_cast<char*>(calloc(1, kBytes));
    REQUIRE(block != nullptr);
    for (size_t at = 0; at < kBytes; at += 16 * kMiB) EXPECT(block[at] == 0);
    for (size_t at = 0; at < kBytes; at += 64 * kMiB) block[at] = 1;
    free(block);
  }
  EXPECT_AT_MOST(resident_kib(), 128 << 10);
}

constexpr Case kCases[] = {{"in_place", resized_in_place}, {"cleared_sparsely", cleared_sparsely},
                           {"alignment", alignment_grid},  {"usable", usable_sizes},
                           {"cleared", cleared_blocks},    {"resized", resized_blocks}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
