#include "heap/background.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>

#include "thread/owner.h"
#include "thread/shared.h"

namespace tamari {
namespace {

constexpr size_t kDirtyPagesWorthIt = 32;  // 2 MiB
constexpr size_t kHeapPagesWorthIt = 64;   // 4 MiB, when several threads have caches
constexpr uint32_t kTicksPerDecay =
    2;  // a page is purged between one and two ticks after its release
constexpr uint32_t kLongestTickMs = 1000;
constexpr uint32_t kIdleTicksToEnd = 20;

}  // namespace

bool Background::has_work() const {
  if (shared_.tunables.get_as<BackgroundMode>(Tunable::background) == BackgroundMode::kOff)
    return false;
  if (shared_.pages.dirty_pages() >= kDirtyPagesWorthIt) return true;
  return shared_.owners.active() > 1 && shared_.pages.pages_in_use() >= kHeapPagesWorthIt;
}

void Background::start() {
  if (running_.exchange(true, std::memory_order_relaxed)) return;
  // The thread takes no signal of the program's.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool made = pthread_create(&thread, nullptr, thread_main, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!made) {
    running_.store(false, std::memory_order_relaxed);  // tried again at the next slow path
    return;
  }
  pthread_detach(thread);
  starts_.fetch_add(1, std::memory_order_relaxed);
}

void* Background::thread_main(void* self) {
  static_cast<Background*>(self)->run();
  return nullptr;
}

uint32_t Background::interval_ms() const {
  const uint64_t decay = shared_.tunables.get(Tunable::decay_ms);
  return static_cast<uint32_t>(std::clamp<uint64_t>(decay / kTicksPerDecay, 1, kLongestTickMs));
}

void Background::run() {
  pthread_setname_np(pthread_self(), "tamari");
  for (uint32_t idle = 0; idle < kIdleTicksToEnd;) {
    const uint32_t interval = interval_ms();
    os::futex_wait(&sleep_word_, 0, interval);
    idle = tick(interval) ? 0 : idle + 1;
  }
  running_.store(false, std::memory_order_relaxed);
}

// Empties a sleeping thread's cache and the stashes of an owner that does not drain them itself.
bool Background::visit(Owner& owner, uint32_t idle_ticks) {
  bool worked = false;
  bool idle = true;
  if (owner.is_active()) {
    owner.idle_ticks = owner.cache.seems_idle() ? owner.idle_ticks + 1 : 0;
    idle = owner.idle_ticks >= idle_ticks;
    if (idle_ticks != 0 && owner.idle_ticks == idle_ticks &&
        owner.cache.steal(shared_.owners.nobody().counters)) {
      emptied_.fetch_add(1, std::memory_order_relaxed);
      worked = true;
    }
  }
  if (idle && owner.stash_touched.exchange(false, std::memory_order_relaxed)) {
    drain_stashes(owner);
    worked = true;
  }
  return worked;
}

void Background::drain_stashes(Owner& owner) {
  Counters& counters = shared_.owners.nobody().counters;
  for (size_t c = 1; c < kClassCount; ++c) {
    while (Batch* batch = owner.stash_pop(shared_.batches, c)) {
      counters.add_shared(Counter::stash_helped_batches);
      shared_.send_to_spans(c, batch, counters);
    }
  }
}

void Background::return_transfer(bool all) {
  Counters& counters = shared_.owners.nobody().counters;
  for (size_t c = 1; c < kClassCount; ++c) {
    size_t unneeded = all ? SIZE_MAX : shared_.transfer.take_unneeded(c);
    for (; unneeded > 0; --unneeded) {
      Batch* batch = shared_.transfer.remove(c);
      if (batch == nullptr) break;
      shared_.send_to_spans(c, batch, counters);
    }
    shared_.central[c].trim();
  }
}

size_t Background::purge_spans(bool all) {
  const PageMap& map = shared_.arena.map();
  const size_t pages = shared_.arena.committed_pages();
  size_t given_back = 0;
  for (size_t page = 0; page < pages;) {
    const size_t c = map.class_at(page);
    if (c == kNoClass || c >= kClassCount) {
      ++page;
      continue;
    }
    given_back += shared_.central[c].purge_span(page, all);
    page += kSizeClasses[c].span_pages;
  }
  return given_back;
}

bool Background::tick(uint32_t interval_ms) {
  ticks_.fetch_add(1, std::memory_order_relaxed);
  const uint64_t idle_ms = shared_.tunables.get(Tunable::idle_ms);
  const auto idle_ticks = static_cast<uint32_t>((idle_ms + interval_ms - 1) / interval_ms);
  bool worked = false;
  for (uint32_t id = 1; id < shared_.owners.count(); ++id)
    worked |= visit(shared_.owners.at(id), idle_ticks);
  return_transfer(false);
  if (shared_.tunables.get_as<PurgeMode>(Tunable::purge) != PurgeMode::kOff) {
    const bool all = shared_.tunables.get(Tunable::decay_ms) == 0;
    worked |= purge_spans(all) + shared_.pages.purge(all) != 0;
  }
  return worked || shared_.pages.dirty_pages() >= kDirtyPagesWorthIt;
}

uint64_t Background::purge_now(Owner* self) {
  if (self != nullptr) self->cache.empty();
  for (uint32_t id = 1; id < shared_.owners.count(); ++id) {
    Owner& owner = shared_.owners.at(id);
    owner.cache.steal(shared_.owners.nobody().counters);
    if (owner.stash_touched.exchange(false, std::memory_order_relaxed)) drain_stashes(owner);
  }
  return_transfer(true);
  return purge_spans(true) + shared_.pages.purge(true);
}

}  // namespace tamari
