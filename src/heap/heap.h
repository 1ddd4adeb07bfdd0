// heap.h - the one allocator of the process: names every long-lived object, starts them in order,
// and repairs them in a fork child. Nothing below this layer knows a global.
#pragma once

#include <atomic>

#include "config/tunables.h"
#include "heap/background.h"
#include "pages/arena.h"
#include "thread/owner.h"
#include "thread/shared.h"

namespace tamari {

// --- What the hit paths read ---------------------------------------------------------------------

// The page map. All zeros until the heap has started.
TAMARI_HIDDEN extern PageMap g_page_map;

// This thread's cache; ThreadCache::kNone before it has one and after it has exited.
TAMARI_HIDDEN extern __thread ThreadCache* t_cache __attribute__((tls_model("initial-exec")));

struct Heap {
  Tunables tunables;
  Arena arena{g_page_map};
  Owners owners{arena};
  Shared shared{arena, tunables, owners};
  Background background{shared};

  // False when the kernel gives no address space: every allocation then fails. Idempotent.
  bool start();
  bool is_ready() const { return state_.load(std::memory_order_acquire) == kReady; }

  Counters& nobody() { return owners.nobody().counters; }

 private:
  enum State : uint32_t { kFresh, kReady, kFailed };
  void read_settings();

  std::atomic<uint32_t> state_{kFresh};
  Lock start_lock_;
};

TAMARI_HIDDEN extern Heap g_heap;

// --- The thread's owner --------------------------------------------------------------------------

// This thread's owner, attached if need be. Null when the thread has exited or memory is short: it
// then works on the central lists directly.
Owner* current_owner();

// Counts for this thread, from outside its cache.
void count(Counter name);

// The library's constructor: what had to wait until libc was up.
void finish_start();

}  // namespace tamari
