// layers.h - the one table of the layers of resident memory: what the process's resident bytes are,
// seen from the allocator. heap/layers.cpp measures them from within; `tamari explain` reads them,
// or measures them from outside (heap/outline.h).
//
// A layer counts OS pages that are resident, by the byte: of an OS page that two blocks share, each
// layer gets its part. All but the last two rows are tamari's; `other` is the rest of `resident`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/counters.h"

namespace tamari {

// name, unit, meaning
// clang-format off
#define TAMARI_LAYERS(X) \
  X(live, "bytes", "live blocks: as requested where `rounding` is known, with their rounding where it is not") \
  X(rounding, "bytes", "what live blocks have beyond the request; null unless check=all, which alone remembers requests") \
  X(quarantine, "bytes", "freed blocks that check=all keeps from being handed out again") \
  X(free_blocks, "bytes", "free blocks in spans, and the ends of spans and page runs that no block reaches") \
  X(thread_caches, "bytes", "blocks in thread caches, spares and remote buffers") \
  X(stashes, "bytes", "blocks in stashes") \
  X(transfer_cache, "bytes", "blocks in the transfer cache") \
  X(free_pages, "bytes", "free pages that wait for their purge") \
  X(metadata, "bytes", "tamari's own records") \
  X(other, "bytes", "not tamari's: program, libraries, stacks, what the program maps itself") \
  X(resident, "bytes", "the process's resident set, as the kernel counts it (VmRSS)")
// clang-format on

enum class Layer : uint8_t {
#define TAMARI_ROW(name, ...) name,
  TAMARI_LAYERS(TAMARI_ROW)
#undef TAMARI_ROW
};

#define TAMARI_ROW(name, unit, text) {#name, unit, text},
inline constexpr CounterRow kLayerRows[] = {TAMARI_LAYERS(TAMARI_ROW)};
#undef TAMARI_ROW
inline constexpr size_t kLayerCount = sizeof kLayerRows / sizeof kLayerRows[0];

}  // namespace tamari
