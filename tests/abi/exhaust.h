// Taking all memory there is, and giving it back.

#pragma once

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

// The blocks of one exhaustion are chained through their first word.
struct Chain {
  Chain* next;
};

inline size_t allocate_until_null(size_t size, Chain*& chain) {
  size_t bytes = 0;
  for (;; bytes += size) {
    errno = 0;
    auto* block = static_cast<Chain*>(malloc(size));
    if (block == nullptr) break;
    block->next = chain;
    chain = block;
  }
  EXPECT(errno == ENOMEM);
  return bytes;
}

inline void free_chain(Chain* chain) {
  while (chain != nullptr) {
    Chain* next = chain->next;
    free(chain);
    chain = next;
  }
}

// All requests fail alike while memory is out; what is there stays usable.
inline void expect_all_refuse(size_t size) {
  errno = 0;
  EXPECT(malloc(size) == nullptr && errno == ENOMEM);
  errno = 0;
  EXPECT(calloc(1, size) == nullptr && errno == ENOMEM);
  errno = 0;
  EXPECT(memalign(4096, size) == nullptr && errno == ENOMEM);
  void* unchanged = nullptr;
  EXPECT(posix_memalign(&unchanged, 64, size) == ENOMEM && unchanged == nullptr);
}
