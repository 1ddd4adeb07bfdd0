// What the child of a fork does first: a block of each order of size, grown once.

#pragma once

#include "process.h"

inline void allocate_all_sizes() {
  for (size_t size = 1; size < 512 << 10; size *= 3) {
    auto* block = static_cast<char*>(realloc(malloc(size), size * 2));
    REQUIRE(block != nullptr);
    block[size * 2 - 1] = 1;
    free(block);
  }
}
