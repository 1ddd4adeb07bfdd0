#include "thread/owner.h"

#include <algorithm>
#include <iterator>

#include "thread/shared.h"

namespace tamari {

bool Owners::init() {
  if (!arena_.owners().commit(1)) return false;
  count_.store(1, std::memory_order_release);
  return true;
}

Owner* Owners::attach(Shared& shared, Owner** current) {
  LockGuard guard(lock_);
  Owner* owner = nullptr;
  bool is_new = false;
  if (retired_ != 0) {
    owner = &at(retired_);
    retired_ = owner->next_retired;
    adopted_.fetch_add(1, std::memory_order_relaxed);
    if (in_child_) owner->cache.end_lost_pop();
  } else {
    const uint32_t made = count_.load(std::memory_order_relaxed);
    is_new = forgotten_count_ == 0;
    if (is_new && !arena_.owners().commit(made + 1)) return nullptr;
    const uint32_t id = is_new ? made : forgotten(--forgotten_count_);
    if (is_new) shared.central.open(id);
    owner = &at(id);  // zeros: a valid record, whose stashes stay untouched until somebody pushes
    owner->id = id;
    owner->cache.init(shared, *owner);
  }
  if (current != nullptr) *current = owner;
  owner->exit_rounds = 0;
  owner->state.store(Owner::kActive, std::memory_order_release);  // pairs with is_in_use()
  // Pairs with count(): records below are complete.
  if (is_new) count_.store(owner->id + 1, std::memory_order_release);
  active_.fetch_add(1, std::memory_order_relaxed);
  add_awake();
  return owner;
}

void Owners::retire(Owner& owner) {
  LockGuard guard(lock_);
  owner.state.store(Owner::kRetired, std::memory_order_relaxed);
  owner.next_retired = retired_;
  retired_ = owner.id;
  active_.fetch_sub(1, std::memory_order_relaxed);
}

// What else is in the part's pages is set again by attach(). A reader of statistics may be holding
// the cache's lock, and must not release the next thread's.
bool Owners::forget(Owner& owner) {
  const auto bytes = static_cast<size_t>(reinterpret_cast<char*>(&owner.stash_touched) -
                                         reinterpret_cast<char*>(&owner));
  if (bytes % os::page_size() != 0 || !owner.cache.try_lock()) return false;
  const uint32_t id = owner.id;
  bool forgotten_now = false;
  if (owner.cache.is_empty() && arena_.forgotten_owners().commit(forgotten_count_ + 1)) {
    nobody().counters.take_over(owner.counters);
    forgotten_now = os::purge(&owner, bytes);  // the lock, too, reads as free then
  }
  if (!forgotten_now) {
    owner.cache.unlock();
    return false;
  }
  forgotten(forgotten_count_) = id;
  std::atomic_signal_fence(std::memory_order_release);  // a fork child may see any prefix of this
  ++forgotten_count_;
  return true;
}

bool Owners::forget_retired(uint64_t since_ms) {
  constexpr int kMostAtOnce = 256;
  constexpr int kMostTries = 16 * kMostAtOnce;  // a fork child has records that cannot be forgotten
  LockGuard guard(lock_);
  int tries = kMostTries;
  int forgotten_now = 0;
  for (uint32_t* link = &retired_; *link != 0 && tries > 0 && forgotten_now < kMostAtOnce;) {
    Owner& owner = at(*link);
    const uint32_t next = owner.next_retired;
    if (owner.used_ms <= since_ms && tries-- > 0 && forget(owner)) {
      *link = next;
      ++forgotten_now;
    } else {
      link = &owner.next_retired;
    }
  }
  return forgotten_now == kMostAtOnce;
}

void Owners::reset_after_fork(Owner* survivor) {
  put_off_ = lock_.is_mine();
  if (put_off_) return;
  in_child_ = true;
  lock_.reset_after_fork(Whose::kOthers);
  retired_ = 0;
  uint32_t active = 0;
  for (uint32_t id = 1; id < count(); ++id) {
    Owner& owner = at(id);
    // A push or a drain may have been under way.
    const bool waiting = std::any_of(std::begin(owner.stashes), std::end(owner.stashes),
                                     [](const Stash& stash) { return !stash.looks_empty(); });
    if (waiting) owner.stash_touched.store(true, std::memory_order_relaxed);
    const bool interrupted = owner.cache.reset_after_fork(Whose::kOthers);
    if (&owner == survivor && owner.is_active()) {
      ++active;
      continue;
    }
    // A cache whose thread was in its slow path may be half-changed: its blocks are lost to the
    // child.
    if (interrupted) owner.state.store(Owner::kLost, std::memory_order_relaxed);
    if (!owner.is_in_use()) continue;
    owner.state.store(Owner::kRetired, std::memory_order_relaxed);
    owner.next_retired = retired_;
    retired_ = id;
  }
  active_.store(active, std::memory_order_relaxed);
}

void Owners::settle_fork(Owner* survivor) {
  if (put_off_) reset_after_fork(survivor);
}

void Owners::give_up(Owner* owner) {
  lock_.reset_after_fork(Whose::kMine);
  settle_fork(owner);
  if (owner == nullptr) return;
  owner->cache.reset_after_fork(Whose::kMine);
  if (owner->is_active()) active_.fetch_sub(1, std::memory_order_relaxed);
  owner->state.store(Owner::kLost, std::memory_order_relaxed);
}

}  // namespace tamari
