// tunables.h - the one table of settings: a row here and a use somewhere is all a tunable needs.
// From the rows come the parser, the range check, the listing, the C lookup and the documentation.
// Sources, the last wins: default < weak symbol `tamari_conf` < /etc/tamari.conf < TAMARI_CONF < C
// call. Values are relaxed atomics: any thread may read or set them; slow paths pick them up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "platform/text.h"

namespace tamari {

enum class RemotePolicy : uint64_t { kDirect, kOwnerStash, kHybrid };
enum class PurgeMode : uint64_t { kDontNeed, kOff };
enum class MisusePolicy : uint64_t { kAbort, kReport, kIgnore };
enum class HugePagePolicy : uint64_t { kOff, kSystem, kOn };
enum class BackgroundMode : uint64_t { kAuto, kOff };
// kSample + N: one in N.
enum class CheckMode : uint64_t { kOff, kAll, kSample };

// name, default, least, greatest, unit or the names of the values, when it takes effect, what it
// does. The last name may be NAME:N, a number from 1, stored as the name's place + N.
// clang-format off
#define TAMARI_TUNABLES(X) \
  X(remote_policy, 2, 0, 2, "direct|owner_stash|hybrid", kLive, \
    "where a free puts a block that another owner allocated: the freeing thread's cache; its owner's stash; or the cache, but to the owner's stash what is smaller than a cache line, in classes of which few blocks travel") \
  X(stash_drain_limit, 32, 1, 65536, "blocks", kLive, \
    "the most blocks that one drain of a stash hands to the allocating thread's cache") \
  X(stash_bounded_drain, 0, 0, 1, "bool", kLive, \
    "0: a drain takes the whole stash and keeps the surplus aside; 1: it detaches at most the wanted blocks plus stash_bounded_extra") \
  X(stash_bounded_extra, 16, 0, 65536, "blocks", kLive, \
    "blocks that a bounded drain may detach beyond those wanted") \
  X(stash_limit, 4096, 0, 16777216, "blocks", kLive, \
    "blocks that may wait in one stash (one owner, one size class); a push past it spills to the transfer cache") \
  X(stash_bytes, 524288, 0, 1099511627776, "bytes", kLive, \
    "bytes that may wait in the stashes of one owner; a push past it spills to the transfer cache, as past stash_limit") \
  X(remote_batch, 32, 1, 62, "blocks", kLive, \
    "remote frees that a thread collects per size class before it pushes them to their owner's stash") \
  X(transfer_small_bytes, 524288, 0, 1099511627776, "bytes", kLive, \
    "what the transfer cache may hold of blocks up to 4 KiB; past it, batches go back to their spans, which hand them out in order of address") \
  X(transfer_cache_bytes, 16777216, 0, 1099511627776, "bytes", kLive, \
    "what the transfer cache may always hold of larger blocks; past it and past cache_share, batches go back to their spans") \
  X(thread_cache_bytes, 8388608, 0, 1073741824, "bytes", kLive, \
    "what one thread's cache may always hold, at the capacities it has grown to") \
  X(thread_caches_bytes, 67108864, 0, 1099511627776, "bytes", kLive, \
    "what all thread caches together may always hold, in equal parts, of which none is below 512 KiB (or this, if it is less)") \
  X(cache_share, 50, 0, 100, "percent", kLive, \
    "the share of the heap in use that all caches together may hold beyond their fixed bytes") \
  X(refill_batch, 62, 1, 62, "blocks", kLive, \
    "the most blocks that one refill takes from a central list") \
  X(decay_ms, 1000, 0, 3600000, "ms", kLive, \
    "free pages go back to the kernel after lying unused for this long, also while the process sleeps; 0: at once") \
  X(idle_ms, 500, 0, 3600000, "ms", kLive, \
    "the cache of a thread without allocator traffic for this long is emptied by the background thread; 0: never") \
  X(purge, 0, 0, 1, "dontneed|off", kLive, \
    "how free pages go back to the kernel with time: MADV_DONTNEED, so that RSS falls at once; or only when asked (malloc_trim, tamari_purge) or out of memory") \
  X(background, 0, 0, 1, "auto|off", kLive, \
    "auto: a background thread purges while there is something to purge; off: only malloc_trim, tamari_purge and running out of memory do") \
  X(thp, 0, 0, 2, "off|system|on", kStart, \
    "transparent huge pages for blocks: never, as the system is set, or asked for") \
  X(mremap_min, 1048576, 65536, 1099511627776, "bytes", kLive, \
    "a growing block of at least this size moves by mremap instead of by copying") \
  X(foreign, 0, 0, 2, "abort|report|ignore", kLive, \
    "free of a pointer that is not tamari's: report and abort; report and carry on; carry on") \
  X(family_mismatch, 0, 0, 2, "abort|report|ignore", kLive, \
    "under check=all, a block of malloc or its kin, of operator new or of operator new[] that is freed by what frees those of another: report and abort; report and carry on; carry on (the default of programs with an operator new or delete of their own)") \
  X(check, 0, 0, 1000000002, "off|all|sample:N", kStart, \
    "off: what costs nothing is checked; all: every free, every block's edges and every freed byte; sample:N: about one in N blocks gets guard pages and a report with both stacks, 8 at once and then one in 10 ms") \
  X(check_first, 128, 0, 1000000, "blocks", kStart, \
    "with check=off, the first blocks of the process, up to 1 MiB each, are checked as by check=all, but what overflows into the rounding of other allocators, and a wrong sized free, are let pass; 0: none") \
  X(strict, 0, 0, 1, "bool", kStart, \
    "1: a bad setting ends the process with status 78 before main") \
  X(verbose, 0, 0, 1, "bool", kStart, \
    "1: one line on standard error at start, with the version and the settings that were set")
// clang-format on

enum class Tunable : uint8_t {
#define TAMARI_ROW(name, ...) name,
  TAMARI_TUNABLES(TAMARI_ROW)
#undef TAMARI_ROW
};

struct TunableRow {
  enum When : uint8_t { kLive, kStart };
  const char* name;
  uint64_t initial, least, greatest;
  const char* unit;  // for a choice: the values' names, '|' between them
  When when;
  const char* text;

  bool is_choice() const;
};

inline constexpr TunableRow kTunableRows[] = {
#define TAMARI_ROW(name, initial, least, greatest, unit, when, text) \
  {#name, initial, least, greatest, unit, TunableRow::when, text},
    TAMARI_TUNABLES(TAMARI_ROW)
#undef TAMARI_ROW
};
inline constexpr size_t kTunableCount = sizeof kTunableRows / sizeof kTunableRows[0];

// Where a value in force came from.
enum class Origin : uint8_t { kDefault, kProgram, kFile, kEnvironment, kCall };
const char* origin_name(Origin origin);

class Tunables {
 public:
  uint64_t get(Tunable name) const {
    return values_[static_cast<size_t>(name)].load(std::memory_order_relaxed);
  }
  template <class Choice>
  Choice get_as(Tunable name) const {
    return static_cast<Choice>(get(name));
  }
  Origin origin(size_t row) const { return origins_[row].load(std::memory_order_relaxed); }

  // Sets one value from text. On failure writes the reason ("what, allowed, nearest name") and
  // returns false, changing nothing. `stats_at_exit` is accepted as well: see exit_report().
  bool set(const char* name, size_t name_length, const char* value, size_t value_length,
           Origin origin, Text& reason);

  // Reads "key=value,key=value"; each bad entry is passed to `complain` with the reason. Returns
  // how many entries were bad.
  size_t parse(const char* text, Origin origin, void (*complain)(const char* reason));

  // Writes the value as `set` would read it.
  void print(size_t row, Text& out) const;

  // "text[:PATH]" or "json[:PATH]", or "" for none: what to write when the process exits.
  const char* exit_report() const { return exit_report_; }

 private:
  friend struct OutlineSource;  // heap/outline.cpp: where the parts lie
#define TAMARI_ROW(name, initial, ...) {initial},
  std::array<std::atomic<uint64_t>, kTunableCount> values_{{TAMARI_TUNABLES(TAMARI_ROW)}};
#undef TAMARI_ROW
  std::array<std::atomic<Origin>, kTunableCount> origins_{};
  char exit_report_[256] = "";
};

// The row of that name, or kTunableCount.
size_t find_tunable(const char* name, size_t length);

}  // namespace tamari
