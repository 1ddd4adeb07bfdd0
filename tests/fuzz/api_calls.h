// api_calls.h - every way of the C and C++ surface to get a block and to give it back, drawn at
// random. What the C library of a control run lacks (C23, tamari.h) is left out there.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../abi/mixed.h"

namespace fuzz {

// By what a block may be freed.
enum class Kind : uint8_t {
  kPlain,    // malloc, calloc, realloc: free_sized as well
  kAligned,  // aligned_alloc: free_aligned_sized as well
  kOdd,      // memalign and its kin: free alone
  kNew,
  kNewArray,
  kAlignedNew,
  kAlignedNewArray,
};

struct Block {
  char* start = nullptr;
  size_t bytes = 0;      // asked for
  size_t usable = 0;     // as malloc_usable_size says
  size_t alignment = 1;  // asked for
  uint32_t stamp = 0;    // in the shadow, and what the contents come from
  Kind kind = Kind::kPlain;
  bool zero = false;  // it must read as zero at first
};

// A block by a random call; `bytes` may be rounded up, as the call wants it.
Block allocate(Random& random, size_t bytes);

// Another size by realloc or reallocarray; only for kinds that may. Null: refused.
bool may_resize(Kind kind);
char* resize(Random& random, const Block& block, size_t bytes);

// Gives the block back by a random call that its kind allows.
void deallocate(Random& random, const Block& block);

// Calls that must fail: what was not as it should be, or null.
const char* call_in_vain(Random& random, const Block& block);

// A look at, or a change of, the whole: statistics, settings other than `kept`, purges.
const char* call_for_all(Random& random, const char* kept);

}  // namespace fuzz
