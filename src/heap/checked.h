// checked.h - every allocation and free leaves the hit path and comes here: under check=all always,
// else for the first blocks of a process (check_first). Most mistakes show in short runs and tests,
// which those blocks are all of; a long run pays for them once.
//
// Threads keep ThreadCache::kNone on the hit path, and use their caches from here. Each block has a
// record outside it (state, and how many bytes lie behind the request), and the rules are:
//   - free memory reads as zero: a free clears it, a later malloc finds what was written meanwhile;
//   - the bytes behind a request (at least kSlackBytes) hold a secret pattern until the free, or
//     zeros if calloc gave one of the first blocks: who asks how many may be used is promised
//     those;
//   - a freed block waits among others and leaves in random order (Quarantine); under check=all,
//     blocks come from their spans in random order (ThreadCache);
//   - a large block has an inaccessible page on either side, and stays inaccessible for a while
//     after its free;
//   - a block of no bytes is inaccessible from the start, under check=all.
// The first blocks are judged as mildly as by allocators that programs are used to: bytes that
// those would round up to may be overwritten, and a wrong sized free is let pass. When checking
// ends, records are no longer looked at, and what waited is free. A thread may be on its way
// meanwhile: it asks again before it complains about what it found.
//
// What each call passes is not TAMARI_SLOW: under check=all this is the hit path, and gcc makes
// cold code small, not fast (a `rep stos` for each few bytes that are cleared).
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/geometry.h"
#include "heap/heap.h"
#include "platform/lock.h"

namespace tamari {

// The record of a block: its state, above it the family it came from, the bytes behind the request,
// whether they are zeros, and how often it has changed hands. A malloc or a free makes it busy
// before it changes the bytes.
enum class BlockState : uint32_t { kNever, kLive, kFreed, kBusy };
constexpr unsigned kBlockStateBits = 2;
constexpr unsigned kBlockFamilyBits = 2;
constexpr unsigned kBlockSlackShift = kBlockStateBits + kBlockFamilyBits;
constexpr unsigned kBlockSlackBits = 19;
constexpr uint32_t kBlockSlackIsZero = 1U << (kBlockSlackShift + kBlockSlackBits);
static_assert(kMaxClassBytes < size_t{1} << kBlockSlackBits);

// Whether a block of that size is to be checked. Of the first blocks, one above 1 MiB ends that.
bool is_first_to_be_checked(size_t bytes);
TAMARI_INLINE bool is_to_be_checked(size_t bytes) {
  if (TAMARI_UNLIKELY(g_heap.forked_inside)) settle_fork();
  if (!g_heap.is_ready() && !g_heap.start()) return false;
  return g_heap.checks() && (g_heap.checks_all() || is_first_to_be_checked(bytes));
}
// The same, where check=all has nothing to settle or to start before.
TAMARI_INLINE bool is_simply_to_be_checked() {
  return g_heap.checks_all() && !g_heap.forked_inside && g_heap.is_ready();
}
// Looks at what was freed and waits, as nobody will ask for it any more, and under check=all behind
// the blocks that nobody will free. Waits for no lock.
void check_at_exit();

// All as their namesakes in allocate.h; `alignment` is a power of two, `bytes_said` may be kNoSize.
void* checked_allocate(size_t bytes, size_t alignment, Family family);
void checked_deallocate(void* block, size_t size_class, Family family, size_t bytes_said,
                        size_t alignment_said);
void checked_deallocate_large(void* block, Family family, size_t bytes_said, size_t alignment_said);
// Makes a block that the caller has just got, and asked `bytes` of, zero for calloc.
void checked_zero(void* block, size_t bytes);
// Bytes that were asked for, of a block whose start this is.
size_t checked_size(const void* block, const char* code, const char* function);
// Bytes that the program may use from now on. Of one of the first blocks all that the block has:
// it is to be told the same when checks have ended. Then nothing behind the request is checked.
size_t checked_usable(const void* block, const char* code, const char* function);

// Of the first blocks: grows or shrinks one that checked_size() has found live, where it stands, as
// other allocators do. False if it has to move.
TAMARI_NOINLINE bool checked_resize(void* block, size_t bytes);

// Bytes behind the request, of a block whose start this is; kNoSize if it is not live.
size_t checked_slack(const void* block);

// Freed, and kept back.
size_t quarantined_bytes();

// In a fork child: whether this thread is inside; and the repair.
bool is_inside_checks();
void reset_checks_after_fork(Whose whose);

}  // namespace tamari
