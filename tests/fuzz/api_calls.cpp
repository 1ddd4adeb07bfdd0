#include "api_calls.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <new>

#include "../abi/process.h"
#include "tamari/tamari.h"

#pragma weak tamari_set
#pragma weak tamari_purge
#pragma weak tamari_stats_json
#pragma weak tamari_stats_text
#pragma weak tamari_counter

extern "C" {
__attribute__((weak)) void free_sized(void*, size_t);
__attribute__((weak)) void free_aligned_sized(void*, size_t, size_t);
__attribute__((weak)) void cfree(void*);
}

namespace fuzz {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kTooMuch = SIZE_MAX / 2 + 1;

size_t rounded_up(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

void* allocate_plain(Random& random, Block& block) {
  switch (random.below(8)) {
    case 0:
      block.zero = true;
      return calloc(1, block.bytes);
    case 1:
      block.zero = true;
      block.bytes = rounded_up(block.bytes, 24);
      return calloc(block.bytes / 24, 24);
    case 2:
      return realloc(nullptr, block.bytes);
    case 3:
      block.bytes = rounded_up(block.bytes, 8);
      return reallocarray(nullptr, block.bytes / 8, 8);
    default:
      return malloc(block.bytes);
  }
}

void* allocate_odd(Random& random, Block& block) {
  void* start = nullptr;
  switch (random.below(4)) {
    case 0:
      block.alignment = kPage;
      return valloc(block.bytes);
    case 1:
      block.alignment = kPage;
      block.bytes = rounded_up(block.bytes, kPage);
      return pvalloc(block.bytes);
    case 2:
      return memalign(block.alignment, block.bytes);
    default:
      if (block.alignment < sizeof(void*)) block.alignment = sizeof(void*);
      return posix_memalign(&start, block.alignment, block.bytes) == 0 ? start : nullptr;
  }
}

void* allocate_by(Random& random, Block& block) {
  const std::align_val_t align{block.alignment};
  const bool quietly = random.below(2) == 0;
  switch (block.kind) {
    case Kind::kPlain:
      block.alignment = 1;
      return allocate_plain(random, block);
    case Kind::kAligned:
      block.bytes = rounded_up(block.bytes, block.alignment);
      return aligned_alloc(block.alignment, block.bytes);
    case Kind::kOdd:
      return allocate_odd(random, block);
    case Kind::kNew:
      block.alignment = 1;
      return quietly ? operator new(block.bytes, std::nothrow) : operator new(block.bytes);
    case Kind::kNewArray:
      block.alignment = 1;
      return quietly ? operator new[](block.bytes, std::nothrow) : operator new[](block.bytes);
    case Kind::kAlignedNew:
      return quietly ? operator new(block.bytes, align, std::nothrow) :
                     operator new(block.bytes, align);
    case Kind::kAlignedNewArray:
      return quietly ? operator new[](block.bytes, align, std::nothrow) :
                     operator new[](block.bytes, align);
  }
  return nullptr;
}

void free_plain(unsigned long form, const Block& block) {
  if (form == 0 && free_sized != nullptr) return free_sized(block.start, block.bytes);
  if (form == 1 && cfree != nullptr) return cfree(block.start);
  if (form == 2) {
    // As glibc has it: a free.
    REQUIRE(realloc(block.start, opaque(size_t{0})) == nullptr);
    return;
  }
  free(block.start);
}

const char* const kSettings[][2] = {
    {"remote_policy", "direct"},
    {"remote_policy", "owner_stash"},
    {"remote_policy", "hybrid"},
    {"refill_batch", "1"},
    {"refill_batch", "62"},
    {"thread_cache_bytes", "0"},
    {"thread_cache_bytes", "64K"},
    {"thread_cache_bytes", "8M"},
    {"transfer_cache_bytes", "0"},
    {"transfer_cache_bytes", "16M"},
    {"transfer_small_bytes", "0"},
    {"transfer_small_bytes", "512K"},
    {"thread_caches_bytes", "1M"},
    {"thread_caches_bytes", "64M"},
    {"cache_share", "0"},
    {"cache_share", "50"},
    {"stash_drain_limit", "1"},
    {"stash_drain_limit", "32"},
    {"stash_bounded_drain", "1"},
    {"stash_bounded_drain", "0"},
    {"stash_bounded_extra", "0"},
    {"stash_bounded_extra", "16"},
    {"stash_limit", "8"},
    {"stash_limit", "4096"},
    {"stash_bytes", "4K"},
    {"stash_bytes", "512K"},
    {"mremap_min", "64K"},
    {"mremap_min", "1M"},
    {"decay_ms", "0"},
    {"decay_ms", "10"},
    {"decay_ms", "1000"},
    {"idle_ms", "1"},
    {"idle_ms", "500"},
    {"purge", "off"},
    {"purge", "dontneed"},
    {"background", "off"},
    {"background", "auto"},
    {"remote_batch", "1"},
    {"remote_batch", "32"},
    {"foreign", "abort"},
};

const char* change_setting(Random& random, const char* kept) {
  if (tamari_set == nullptr) return nullptr;
  const auto& [name, value] = kSettings[random.below(sizeof kSettings / sizeof kSettings[0])];
  if (strcmp(name, kept) == 0) return nullptr;
  return tamari_set(name, value, nullptr, 0) == 0 ? nullptr : "a setting was refused";
}

const char* look() {
  thread_local char text[16384];
  uint64_t counter = 0;
  if (tamari_counter == nullptr) return nullptr;
  if (tamari_counter("heap_in_use_bytes", &counter) != 0) return "a gauge is not there";
  if (tamari_stats_json(text, sizeof text) == 0 || text[0] != '{') return "no statistics as JSON";
  return tamari_stats_text(text, sizeof text) != 0 ? nullptr : "no statistics as text";
}

}  // namespace

Block allocate(Random& random, size_t bytes) {
  Block block;
  block.bytes = bytes;
  block.alignment = size_t{1} << random.below(random.below(8) == 0 ? 18 : 9);
  block.kind = random.below(2) == 0 ? Kind::kPlain : static_cast<Kind>(random.below(7));
  block.start = static_cast<char*>(allocate_by(random, block));
  return block;
}

bool may_resize(Kind kind) { return kind <= Kind::kOdd; }

char* resize(Random& random, const Block& block, size_t bytes) {
  return static_cast<char*>(random.below(2) == 0 ? realloc(block.start, bytes)
                                                 : reallocarray(block.start, 1, bytes));
}

void deallocate(Random& random, const Block& block) {
  const unsigned long form = random.below(3);
  const std::align_val_t align{block.alignment};
  switch (block.kind) {
    case Kind::kPlain:
      return free_plain(random.below(8), block);
    case Kind::kAligned:
      if (form == 0 && free_aligned_sized != nullptr)
        return free_aligned_sized(block.start, block.alignment, block.bytes);
      return free(block.start);
    case Kind::kOdd:
      return free(block.start);
    case Kind::kNew:
      if (form == 0) return operator delete(block.start, block.bytes);
      if (form == 1) return operator delete(block.start, std::nothrow);
      return operator delete(block.start);
    case Kind::kNewArray:
      if (form == 0) return operator delete[](block.start, block.bytes);
      if (form == 1) return operator delete[](block.start, std::nothrow);
      return operator delete[](block.start);
    case Kind::kAlignedNew:
      if (form == 0) return operator delete(block.start, block.bytes, align);
      if (form == 1) return operator delete(block.start, align, std::nothrow);
      return operator delete(block.start, align);
    case Kind::kAlignedNewArray:
      if (form == 0) return operator delete[](block.start, block.bytes, align);
      if (form == 1) return operator delete[](block.start, align, std::nothrow);
      return operator delete[](block.start, align);
  }
}

const char* call_in_vain(Random& random, const Block& block) {
  void* start = block.start;
  errno = 0;
  bool good = true;
  switch (random.below(7)) {
    case 0:
      good = malloc(opaque(kTooMuch)) == nullptr && errno == ENOMEM;
      return good ? nullptr : "malloc of too much";
    case 1:
      good = calloc(opaque(kTooMuch), 4) == nullptr && errno == ENOMEM;
      return good ? nullptr : "calloc of too much";
    case 2:
      good = posix_memalign(&start, 24, 8) == EINVAL && start == block.start && errno == 0;
      return good ? nullptr : "posix_memalign to 24";
    case 3:
      good = operator new(opaque(kTooMuch), std::nothrow) == nullptr;
      return good ? nullptr : "operator new of too much";
    case 4:
      try {
        good = operator new(opaque(kTooMuch)) == nullptr;
      } catch (const std::bad_alloc&) {
        return nullptr;
      }
      return "operator new of too much did not throw";
    case 5:
      if (!may_resize(block.kind)) return nullptr;
      good = realloc(start, opaque(kTooMuch)) == nullptr && errno == ENOMEM;
      return good ? nullptr : "realloc to too much";
    default:
      if (!may_resize(block.kind)) return nullptr;
      good = reallocarray(start, opaque(kTooMuch), 4) == nullptr && errno == ENOMEM;
      return good ? nullptr : "reallocarray to too much";
  }
}

const char* call_for_all(Random& random, const char* kept) {
  switch (random.below(16)) {
    case 0:
      malloc_trim(0);
      return nullptr;
    case 1:
      if (tamari_purge != nullptr) tamari_purge();
      return nullptr;
    case 2:
      return look();
    case 3:
    case 4:
      return mallinfo2().arena != 0 ? nullptr : "mallinfo2 knows no memory";
    case 5:
      return malloc_usable_size(nullptr) == 0 ? nullptr : "null has a usable size";
    default:
      return change_setting(random, kept);
  }
}

}  // namespace fuzz
