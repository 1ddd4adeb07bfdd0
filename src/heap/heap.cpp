#include "heap/heap.h"

#include <algorithm>
#include <cstring>

#include "heap/checked.h"
#include "heap/guarded.h"
#include "heap/report.h"
#include "heap/statistics.h"

extern "C" {
// A program may define this string to set its own defaults.
TAMARI_WEAK extern const char* tamari_conf;
int __register_atfork(void (*prepare)(), void (*parent)(), void (*child)(), void* library);
}

namespace tamari {
namespace {

constexpr const char* kSettingsFile = "/etc/tamari.conf";
constexpr int kExitRounds = 2;
// check_first ends where it would need records for more.
constexpr size_t kPagesOfFirstBlocks = (size_t{8} << 20) >> kPageShift;
constexpr int kBadSettingsStatus = 78;  // EX_CONFIG

void complain(const char* reason) {
  warn("setting", reason, "TAMARI_CONF=help lists all settings");
}

// No byte of text, and none that programs like to fill memory with: 63 others.
uint64_t draw_slack_pattern() {
  constexpr uint64_t kEachByte = 0x0101010101010101;
  return (0x80 | os::start_info().random % 63 << 1 | 1) * kEachByte;
}

// In an order that suits a signal handler between the two steps.
void hit_in(ThreadCache& cache) {
  t_hits.cache = &cache;
  std::atomic_signal_fence(std::memory_order_release);
  t_hits.bytes_end = kMaxClassBytes + 1;
}

void hit_nothing() {
  t_hits.bytes_end = 0;
  std::atomic_signal_fence(std::memory_order_release);
  t_hits.cache = const_cast<ThreadCache*>(&ThreadCache::kNone);
}

// Re-arms once, so that other destructors may still allocate and free through the cache; not more
// often, or a thread whose first allocation comes in a late round would never be retired.
void on_thread_exit(void* argument) {
  auto* owner = static_cast<Owner*>(argument);
  if (++owner->exit_rounds < kExitRounds) {
    pthread_setspecific(g_heap.exit_key, owner);
    return;
  }
  // From here on the thread works on the central lists. (State first: a signal handler that comes
  // here must not be given the cache again.)
  t_state = ThreadState::kExited;
  std::atomic_signal_fence(std::memory_order_release);
  hit_nothing();
  owner->cache.empty();
  g_heap.owners.retire(*owner);
  t_owner = nullptr;  // last: a fork child is to know whose owner was being emptied
}

void watch_exit(Owner* owner) {
  if (g_heap.exit_key_made) pthread_setspecific(g_heap.exit_key, owner);
}

void repair_stores(Whose whose) {
  Shared& shared = g_heap.shared;
  shared.lines.reset_after_fork(whose);
  shared.batches.reset_after_fork(whose);
  shared.pages.reset_after_fork(whose);
  for (CentralList& list : shared.central) list.reset_after_fork(whose);
  reset_checks_after_fork(whose);
  reset_guarded_after_fork(whose);
}

// Whether this thread holds one of our locks.
bool is_inside() {
  const Shared& shared = g_heap.shared;
  bool inside = shared.lines.is_mine() || shared.batches.is_mine() || shared.pages.is_mine() ||
                g_heap.owners.is_mine() || g_heap.background.is_mine() || is_inside_checks() ||
                is_inside_guarded() || (t_owner != nullptr && t_owner->cache.is_mine());
  for (const CentralList& list : shared.central) inside |= list.is_mine();
  return inside;
}

// No lock was taken before the fork (another thread may hold stdio's and wait for ours), so what
// threads of the parent were doing is repaired here. Not what this thread was doing itself, if it
// forked in a signal handler: see settle_fork().
void on_fork_child() {
  g_heap.background.reset_after_fork();
  repair_stores(Whose::kOthers);
  g_heap.owners.reset_after_fork(t_owner);
  g_heap.forked_inside = is_inside();
  if (g_heap.forked_inside) hit_nothing();
}

}  // namespace

// If none of our locks is this thread's any more, the handler has returned and all is as it was.
// Otherwise we are still in the handler, allocating on top of what it interrupted: that is given
// up, and the thread starts afresh. It must then not return from the handler.
void settle_fork() {
  g_heap.forked_inside = false;
  if (!is_inside()) {
    g_heap.owners.settle_fork(t_owner);
    if (t_state == ThreadState::kAttached && !g_heap.checks()) hit_in(t_owner->cache);
    return;
  }
  repair_stores(Whose::kMine);
  g_heap.background.reset_after_fork(Whose::kMine);
  g_heap.owners.give_up(t_owner);
  t_owner = nullptr;
  t_state = ThreadState::kFresh;
}

constinit PageMap g_page_map{};
constinit Room g_room;
constinit Heap g_heap;
constinit __thread Hits t_hits{const_cast<ThreadCache*>(&ThreadCache::kNone), 0};
constinit __thread ThreadState t_state = ThreadState::kFresh;
constinit __thread Owner* t_owner = nullptr;

void Heap::read_settings() {
  const os::StartInfo& info = os::start_info();
  size_t bad = 0;
  if (&tamari_conf != nullptr && tamari_conf != nullptr)
    bad += tunables.parse(tamari_conf, Origin::kProgram, complain);
  if (!info.secure) {
    char file[4096];
    const long length = os::read_file(kSettingsFile, file, sizeof file - 1);
    if (length > 0) {
      file[length] = '\0';
      bad += tunables.parse(file, Origin::kFile, complain);
    }
    const char* settings = os::environment("TAMARI_CONF");
    if (settings != nullptr && std::strcmp(settings, "help") == 0) {
      print_tunables();
      os::exit_now(0);
    }
    if (settings != nullptr) bad += tunables.parse(settings, Origin::kEnvironment, complain);
  }
  if (bad != 0 && tunables.get(Tunable::strict) != 0) os::exit_now(kBadSettingsStatus);
}

// What a failed attempt has done need not be done again.
bool Heap::place() {
  if (!settings_read_) read_settings();
  settings_read_ = true;
  const uint64_t check = tunables.get(Tunable::check);
  checks_all_ = check == static_cast<uint64_t>(CheckMode::kAll);
  slack_pattern_ = draw_slack_pattern();
  const uint64_t first = tunables.get(Tunable::check_first);
  first_blocks_left_.store(first, std::memory_order_relaxed);
  checks_ = checks_all_ || first != 0;
  sample_interval_ = check - std::min(check, static_cast<uint64_t>(CheckMode::kSample));
  static constexpr os::HugePages kPolicies[] = {os::HugePages::kNever, os::HugePages::kSystem,
                                                os::HugePages::kAlways};
  if (!placed_) {
    placed_ = arena.init({sizeof(LineOwners), sizeof(Batch), sizeof(BatchGroup), sizeof(Owner)},
                         kPolicies[tunables.get(Tunable::thp)],
                         checks_all_  ? SIZE_MAX
                         : first != 0 ? kPagesOfFirstBlocks
                                      : 0);
  }
  return placed_ && owners.init();
}

// A kernel that refuses leaves all as it was.
void Heap::seal() {
  const auto bytes = reinterpret_cast<char*>(&tunables) - reinterpret_cast<char*>(this);
  os::make_read_only(this, static_cast<size_t>(bytes));
  os::make_read_only(&g_page_map, offsetof(PageMap, page_count));
}

bool Heap::start() {
  if (is_ready()) return true;
  LockGuard guard(start_lock_);
  if (is_ready()) return true;
  if (!place()) return false;
  shared.init();
  exit_key_made = pthread_key_create(&exit_key, on_thread_exit) == 0;
  // Early, so that our handler runs before those of libraries that allocate in theirs.
  // For as long as the process lives, as the library's code stays.
  __register_atfork(nullptr, nullptr, on_fork_child, nullptr);
  seal();
  state_.store(kReady, std::memory_order_release);
  return true;
}

namespace {

constexpr uint8_t kCallsToEarn = 64;
constinit __thread uint8_t t_calls = 0;  // without a cache, of kCallsToEarn

// A new record and the arrays and blocks of its cache cost page faults, a call without them costs a
// lock: who pays for so many of those before it buys pays at most twice what was needed. A record
// that was in use before is there; and the first thread has nobody beside it.
bool has_earned_cache() {
  const Owners& owners = g_heap.owners;
  if (t_calls == kCallsToEarn || owners.has_unused() || owners.active() == 0) return true;
  ++t_calls;
  return false;
}

}  // namespace

Owner* current_owner() {
  if (t_state == ThreadState::kAttached) {
    const bool may_have_cache = !g_heap.checks() && !g_heap.forked_inside;
    if (may_have_cache && TAMARI_UNLIKELY(t_hits.bytes_end == 0)) hit_in(t_owner->cache);
    return t_owner;
  }
  if (t_state == ThreadState::kExited || !g_heap.start()) return nullptr;
  if (!has_earned_cache()) return nullptr;
  Owner* owner = g_heap.owners.attach(g_heap.shared, &t_owner);
  if (owner == nullptr) return nullptr;
  // Complete before anything below can allocate and come back here.
  t_state = ThreadState::kAttached;
  if (!g_heap.checks()) hit_in(owner->cache);
  watch_exit(owner);
  return owner;
}

void count(Counter name) {
  if (t_state == ThreadState::kAttached) {
    t_owner->counters.add(name);
  } else {
    g_heap.nobody().add_shared(name);
  }
}

void finish_start() {
  g_heap.background.enable();  // also when there is no memory yet
  if (!g_heap.start()) return;
  start_guarding();
  if (g_heap.tunables.get(Tunable::verbose) != 0) print_banner();
}

}  // namespace tamari
