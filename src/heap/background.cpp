#include "heap/background.h"

#include <algorithm>

#include "thread/owner.h"
#include "thread/shared.h"

namespace tamari {
namespace {

constexpr size_t kDirtyPagesWorthIt = 32;  // 2 MiB
// What caches hold is not dirty: a heap of this size is worth a look.
constexpr size_t kHeapPagesOfOne = 128;     // 8 MiB
constexpr size_t kHeapPagesOfSeveral = 64;  // 4 MiB, when several threads have caches
constexpr uint64_t kRetryMs = 1000;         // after the system refused a thread
constexpr uint32_t kLongestTickMs = 1000;
constexpr uint32_t kHurriedTickMs = 20;
constexpr int kHurriedTicks = 12;                        // after the heap grew, or one helped
constexpr uint64_t kHurriedMs = 2000;                    // at most, since it grew
constexpr uint64_t kHurriedIdleMs = kHurriedTickMs / 2;  // unused since the last of those
constexpr size_t kWorthHurry = 256 * 1024;               // capacity of one thread's cache, in bytes
constexpr uint64_t kCalmMs = 5000;                       // beyond two decays without anything to do

}  // namespace

bool Background::has_dirty_pages() const {
  return shared_.pages.dirty_pages() >= kDirtyPagesWorthIt;
}

bool Background::has_work() const {
  if (shared_.tunables.get_as<BackgroundMode>(Tunable::background) == BackgroundMode::kOff)
    return false;
  const size_t worth_it = shared_.owners.active() > 1 ? kHeapPagesOfSeveral : kHeapPagesOfOne;
  return has_dirty_pages() || shared_.pages.pages_in_use() >= worth_it;
}

void Background::start() {
  if (os::now_ms() < retry_at_ms_.load(std::memory_order_relaxed)) return;
  // The one that leaves has seen what there is to do, and stays, or is gone in a moment.
  while (leaving_.load(std::memory_order_acquire) &&
         thread_.load(std::memory_order_acquire) > kNoThread) {
    os::nap(1);
  }
  int nobody = kNoThread;
  if (!thread_.compare_exchange_strong(nobody, kBeingMade, std::memory_order_acq_rel)) return;
  leaving_.store(false, std::memory_order_relaxed);
  if (os::start_thread(thread_main, this, thread_)) {
    starts_.fetch_add(1, std::memory_order_relaxed);
  } else {
    retry_at_ms_.store(os::now_ms() + kRetryMs, std::memory_order_relaxed);
    thread_.store(kNoThread, std::memory_order_release);
  }
}

int Background::thread_main(void* self) {
  os::name_thread("tamari");
  static_cast<Background*>(self)->run();
  return 0;
}

// Often enough for the shorter of the two settings; a page is purged between one half and the whole
// of decay_ms after its release.
uint32_t Background::interval_ms() const {
  const uint64_t decay = shared_.tunables.get(Tunable::decay_ms);
  const uint64_t idle = shared_.tunables.get(Tunable::idle_ms);
  const uint64_t shorter = idle == 0 ? decay : std::min(decay, idle);
  return static_cast<uint32_t>(std::clamp<uint64_t>(shorter / 2, 1, kLongestTickMs));
}

void Background::run() {
  for (;;) {
    const End end = run_while_useful();
    if (end == End::kCannotSleep) enabled_.store(false, std::memory_order_relaxed);
    leaving_.store(true, std::memory_order_relaxed);
    if (end != End::kCalm) return;
    // Work that came before this barrier is seen here; who brings more sees that we leave.
    os::barrier_all_threads();
    if (shared_.owners.active() == 0 || !has_work()) return;
    leaving_.store(false, std::memory_order_release);
  }
}

// False when the kernel lets this thread neither wait nor nap: it would eat a processor.
bool Background::sleep(uint32_t ms) {
  constexpr int kMostTries = 20;
  const uint64_t until = os::now_ms() + ms;
  for (int tries = 0; tries < kMostTries; ++tries) {
    const uint64_t now = os::now_ms();
    if (now >= until) return true;
    const auto left = static_cast<uint32_t>(until - now);
    if (!os::futex_wait(&sleep_word_, 0, left)) os::nap(left);
  }
  return os::now_ms() >= until;
}

// Until there is neither work nor a heap worth watching, or no thread of the program is left: the
// process must be able to end when its main thread has.
Background::End Background::run_while_useful() {
  for (uint64_t last_work = os::now_ms(); shared_.owners.active() > 0;) {
    const uint64_t quiet = os::now_ms() - last_work;
    const bool calm = quiet > 2 * shared_.tunables.get(Tunable::decay_ms) + kCalmMs;
    if (calm && !has_work()) return End::kCalm;
    const uint32_t interval = calm ? kLongestTickMs : interval_ms();
    if (!sleep(hurried_ticks_ > 0 ? std::min(interval, kHurriedTickMs) : interval))
      return End::kCannotSleep;
    if (tick()) last_work = os::now_ms();
    if (!os::has_rights_of_process()) return End::kOtherRights;
  }
  return End::kCalm;
}

// Empties a sleeping thread's cache (or one that a vanished thread left to a fork child), and the
// stashes of an owner that does not drain them itself.
bool Background::visit(Owner& owner, uint64_t now_ms, uint64_t idle_ms, size_t& stolen) {
  stolen = 0;
  if (owner.is_lost()) return false;
  bool worked = false;
  if (owner.is_in_use()) {
    if (!owner.cache.seems_idle()) {
      owner.used_ms = now_ms;
      owner.emptied.store(false, std::memory_order_relaxed);
    }
    if (now_ms - owner.used_ms < idle_ms) return false;
    if (!owner.emptied.load(std::memory_order_relaxed)) {
      worked = owner.cache.steal(counters_, thefts_, stolen);
      owner.emptied.store(worked, std::memory_order_relaxed);
      if (worked) emptied_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  if (owner.stash_take_touched()) {
    drain_stashes(owner);
    worked = true;
  }
  return worked;
}

void Background::drain_stashes(Owner& owner) {
  for (size_t c = 1; c < kClassCount; ++c) {
    while (Batch* batch = owner.stash_pop(shared_.batches, c)) {
      counters_.add(Counter::stash_helped_batches);
      shared_.send_to_spans(c, batch, counters_);
    }
  }
}

void Background::return_transfer(bool all) {
  for (size_t c = 1; c < kClassCount; ++c) {
    shared_.transfer.drain(c, all, account_,
                           [&](Batch* batch) { shared_.send_to_spans(c, batch, counters_); });
  }
  shared_.transfer.settle(account_);
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
    given_back += shared_.central.of_span(c, page).purge_span(page, all);
    page += kSizeClasses[c].span_pages;
  }
  return given_back;
}

// Purges what has been free since before the last decay, or with `quiet` everything that is free.
// False: nothing happened, and nothing waits.
bool Background::decay(bool quiet) {
  const uint64_t decay_ms = shared_.tunables.get(Tunable::decay_ms);
  const uint64_t now = os::now_ms();
  if (!quiet && now - last_decay_ms_ < decay_ms / 2) return has_dirty_pages();
  last_decay_ms_ = now;
  if (shared_.tunables.get_as<PurgeMode>(Tunable::purge) == PurgeMode::kOff) return false;
  const bool all = quiet || decay_ms == 0;
  const size_t given_back = purge_spans(all) + shared_.pages.purge(all) + shared_.batches.trim(all);
  return given_back != 0 || has_dirty_pages();
}

// Between two ticks of a growing heap: what threads hold that worked a moment ago, and rest, may
// spare the next ones new memory. Where it is little it can wait; so can the rest of a thread that
// was emptied and has not missed since. False: nobody rests who holds much.
bool Background::hurry(uint64_t now_ms, uint64_t idle_ms) {
  bool helped = false;
  for (uint32_t id = 1; id < shared_.owners.count(); ++id) {
    Owner& owner = shared_.owners.at(id);
    if (!owner.is_in_use() || owner.emptied.load(std::memory_order_relaxed)) continue;
    if (owner.cache.weight() < kWorthHurry) continue;
    size_t stolen = 0;
    visit(owner, now_ms, std::min(idle_ms, kHurriedIdleMs), stolen);
    helped |= stolen >= kWorthHurry;
  }
  return helped;
}

// When every thread of the program has gone idle, the rest need not wait either.
bool Background::tick() {
  LockGuard guard(purge_lock_);
  ticks_.fetch_add(1, std::memory_order_relaxed);
  const size_t committed = shared_.arena.committed_pages();
  const uint64_t idle_ms = shared_.tunables.get(Tunable::idle_ms);
  const uint64_t now = os::now_ms();
  if (committed > committed_pages_) {
    hurried_ticks_ = kHurriedTicks;
    grown_ms_ = now;
  }
  committed_pages_ = committed;
  if (idle_ms != 0 && hurried_ticks_ > 0 && now - last_tick_ms_ < interval_ms()) {
    const bool again = hurry(now, idle_ms) && now - grown_ms_ < kHurriedMs;
    hurried_ticks_ = again ? kHurriedTicks : hurried_ticks_ - 1;
    return true;
  }
  last_tick_ms_ = now;
  bool worked = false;
  uint32_t awake = idle_ms == 0 ? shared_.owners.active() : 0;
  if (idle_ms != 0) {
    for (uint32_t id = 1; id < shared_.owners.count(); ++id) {
      Owner& owner = shared_.owners.at(id);
      size_t stolen = 0;
      worked |= visit(owner, now, idle_ms, stolen);
      if (owner.is_active() && now - owner.used_ms < idle_ms) ++awake;
    }
    // Threads that come and go wait for one part of them, not for all.
    while (shared_.owners.forget_retired(now - std::min(now, idle_ms)) && sleep(1)) {
    }
  }
  shared_.owners.set_awake(awake);
  const bool all_idle = awake == 0;
  const bool went_quiet = all_idle && !all_idle_;
  all_idle_ = all_idle;
  return_transfer(went_quiet);
  return decay(went_quiet) || worked;
}

uint64_t Background::purge_now(Owner* self) {
  if (self != nullptr) self->cache.empty();
  LockGuard guard(purge_lock_);
  for (uint32_t id = 1; id < shared_.owners.count(); ++id) {
    Owner& owner = shared_.owners.at(id);
    size_t stolen = 0;
    if (owner.is_in_use()) owner.cache.steal(counters_, thefts_, stolen);
    if (owner.stash_take_touched()) drain_stashes(owner);
  }
  return_transfer(true);
  return purge_spans(true) + shared_.pages.purge(true) + shared_.batches.trim(true);
}

}  // namespace tamari
