// heap.h - the one allocator of the process: names every long-lived object, starts them in order,
// and repairs them in a fork child. Nothing below this layer knows a global.
#pragma once

#include <pthread.h>

#include <atomic>

#include "config/tunables.h"
#include "heap/background.h"
#include "pages/arena.h"
#include "thread/owner.h"
#include "thread/shared.h"

namespace tamari {

// The functions that a block came from, or that it is freed by: malloc and its kin (which operator
// delete may not free), operator new, operator new[].
enum class Family : uint8_t { kMalloc, kNew, kNewArray };

// --- What the hit paths read ---------------------------------------------------------------------

// The page map. All zeros until the heap has started.
TAMARI_HIDDEN extern PageMap g_page_map;

// This thread's.
struct Hits {
  ThreadCache* cache;  // ThreadCache::kNone before it has one and after it has exited
  size_t bytes_end;    // no hit for requests from here on: for none with kNone, which is constant
};
TAMARI_HIDDEN extern __thread Hits t_hits __attribute__((tls_model("initial-exec")));

TAMARI_HIDDEN extern Room g_room;

struct alignas(os::kSealBytes) Heap {
  // --- Written by start() alone, and read-only from then on --------------------------------------

  Arena arena{g_page_map, growth};
  pthread_key_t exit_key = 0;  // whose destructor is told when a thread ends
  bool exit_key_made = false;

 private:
  bool settings_read_ = false;
  bool placed_ = false;
  bool checks_all_ = false;
  uint64_t slack_pattern_ = 0;
  uint64_t sample_interval_ = 0;

  // -----------------------------------------------------------------------------------------------

 public:
  alignas(os::kSealBytes) Tunables tunables;
  Growth growth;
  Owners owners{arena};
  Shared shared{arena, tunables, owners, g_room};
  Background background{shared};

  // False while the kernel gives no address space: the allocation fails, and the next one tries
  // again. Idempotent.
  bool start();
  bool is_ready() const { return state_.load(std::memory_order_acquire) == kReady; }

  // The settings `check` and `check_first`, fixed at start. checks(): whether blocks are checked
  // now (heap/checked.h); once false, it stays so.
  bool checks_all() const { return checks_all_; }
  bool checks() const { return __atomic_load_n(&checks_, __ATOMIC_RELAXED); }
  // What the bytes behind a request hold, while it is checked.
  uint64_t slack_pattern() const { return slack_pattern_; }
  // For a hit path whose slow path asks again: a plain load is an instruction less.
  bool may_check() const { return TAMARI_OWN_LOAD(checks_); }
  // Counts a block among the first. False, for one caller: it was the last.
  bool count_first() { return first_blocks_left_.fetch_sub(1, std::memory_order_relaxed) != 1; }
  void end_checks() { __atomic_store_n(&checks_, false, __ATOMIC_RELEASE); }
  uint64_t sample_interval() const { return sample_interval_; }  // 0: no sampling

  // Every slow path asks first, and calls settle_fork(). In a fork child that was forked in a
  // signal handler on top of our own code: true until that code has gone on, or is known never to.
  bool forked_inside = false;

  Counters& nobody() { return owners.nobody().counters; }

 private:
  enum State : uint32_t { kFresh, kReady };
  void read_settings();
  bool place();
  void seal();

  bool checks_ = false;
  std::atomic<uint64_t> first_blocks_left_{0};
  std::atomic<uint32_t> state_{kFresh};
  Lock start_lock_;
};

TAMARI_HIDDEN extern Heap g_heap;

// --- The thread's owner --------------------------------------------------------------------------

// This thread's owner, attached if need be. Null when the thread has exited, has not earned a cache
// yet, or memory is short: it then works on the central lists directly.
Owner* current_owner();

enum class ThreadState : uint8_t { kFresh, kAttached, kExited };
TAMARI_HIDDEN extern __thread ThreadState t_state __attribute__((tls_model("initial-exec")));
TAMARI_HIDDEN extern __thread Owner* t_owner __attribute__((tls_model("initial-exec")));
// The same without attaching one: null also before the thread has allocated. For who works with the
// cache but never on the hit path.
inline Owner* known_owner() { return t_state == ThreadState::kAttached ? t_owner : nullptr; }

TAMARI_SLOW void settle_fork();

// Counts for this thread, from outside its cache.
void count(Counter name);

// The library's constructor: what had to wait until libc was up.
void finish_start();

}  // namespace tamari
