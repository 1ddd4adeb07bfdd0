#include "heap/heap.h"

#include <pthread.h>

#include <cstring>

#include "heap/report.h"
#include "heap/statistics.h"

extern "C" {
// A program may define this string to set its own defaults.
TAMARI_WEAK extern const char* tamari_conf;
int __register_atfork(void (*prepare)(), void (*parent)(), void (*child)(), void* library);
extern void* __dso_handle;
}

namespace tamari {
namespace {

constexpr const char* kSettingsFile = "/etc/tamari.conf";
constexpr int kExitRounds = 2;
constexpr int kBadSettingsStatus = 78;  // EX_CONFIG

pthread_key_t g_exit_key;
bool g_exit_key_made = false;

void complain(const char* reason) {
  warn("setting", reason, "TAMARI_CONF=help lists all settings");
}

enum class ThreadState : uint8_t { kFresh, kAttached, kExited };
__thread ThreadState t_state __attribute__((tls_model("initial-exec"))) = ThreadState::kFresh;
__thread Owner* t_owner __attribute__((tls_model("initial-exec"))) = nullptr;

// Re-arms once, so that other destructors may still allocate and free through the cache; not more
// often, or a thread whose first allocation comes in a late round would never be retired.
void on_thread_exit(void* argument) {
  auto* owner = static_cast<Owner*>(argument);
  if (++owner->exit_rounds < kExitRounds) {
    pthread_setspecific(g_exit_key, owner);
    return;
  }
  // From here on the thread works on the central lists.
  t_cache = const_cast<ThreadCache*>(&ThreadCache::kNone);
  t_state = ThreadState::kExited;
  t_owner = nullptr;
  owner->cache.empty();
  g_heap.owners.retire(*owner);
}

void watch_exit(Owner* owner) {
  if (g_exit_key_made) pthread_setspecific(g_exit_key, owner);
}

// No lock was taken before the fork (another thread may hold stdio's and wait for ours), so what
// threads of the parent were doing is repaired here.
void on_fork_child() {
  Heap& heap = g_heap;
  heap.background.reset_after_fork();
  heap.shared.batches.reset_after_fork();
  heap.shared.pages.reset_after_fork();
  for (size_t c = 1; c < kClassCount; ++c) heap.shared.central[c].reset_after_fork();
  heap.owners.reset_after_fork(t_owner);
}

}  // namespace

constinit PageMap g_page_map{};
constinit Heap g_heap;
constinit __thread ThreadCache* t_cache = const_cast<ThreadCache*>(&ThreadCache::kNone);

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

bool Heap::start() {
  if (is_ready()) return true;
  LockGuard guard(start_lock_);
  const uint32_t state = state_.load(std::memory_order_relaxed);
  if (state != kFresh) return state == kReady;
  read_settings();
  static constexpr os::HugePages kPolicies[] = {os::HugePages::kNever, os::HugePages::kSystem,
                                                os::HugePages::kAlways};
  const bool placed =
      arena.init(sizeof(Batch), sizeof(Owner), kPolicies[tunables.get(Tunable::thp)]) &&
      owners.init();
  if (!placed) {
    state_.store(kFailed, std::memory_order_relaxed);
    return false;
  }
  shared.report_double_free = report_double_free;
  shared.init();
  g_exit_key_made = pthread_key_create(&g_exit_key, on_thread_exit) == 0;
  // Early, so that our handler runs before those of libraries that allocate in theirs.
  __register_atfork(nullptr, nullptr, on_fork_child, __dso_handle);
  state_.store(kReady, std::memory_order_release);
  return true;
}

Owner* current_owner() {
  if (t_state == ThreadState::kAttached) return t_owner;
  if (t_state == ThreadState::kExited || !g_heap.start()) return nullptr;
  Owner* owner = g_heap.owners.attach(g_heap.shared);
  if (owner == nullptr) return nullptr;
  // Complete before anything below can allocate and come back here.
  t_owner = owner;
  t_state = ThreadState::kAttached;
  t_cache = &owner->cache;
  g_heap.background.note_new_thread();
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
  if (!g_heap.start()) return;
  g_heap.background.enable();
  if (g_heap.tunables.get(Tunable::verbose) != 0) print_banner();
}

}  // namespace tamari
