// settings.h - sets tunables of a running allocator from text, as TAMARI_CONF would.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "config/tunables.h"

namespace tamari {

inline void set_tunables(Tunables& tunables, const char* text) {
  const size_t bad = tunables.parse(text, Origin::kProgram, [](const char* reason) {
    std::fprintf(stderr, "a test's own setting is wrong: %s\n", reason);
  });
  if (bad != 0) std::abort();
}

}  // namespace tamari
