#include "thread/owner.h"

#include "thread/shared.h"

namespace tamari {

bool Owners::init() {
  if (!arena_.owners().commit(1)) return false;
  count_.store(1, std::memory_order_release);
  return true;
}

Owner* Owners::attach(Shared& shared) {
  LockGuard guard(lock_);
  Owner* owner = nullptr;
  if (retired_ != 0) {
    owner = &at(retired_);
    retired_ = owner->next_retired;
    adopted_.fetch_add(1, std::memory_order_relaxed);
  } else {
    const uint32_t made = count_.load(std::memory_order_relaxed);
    const bool is_new = forgotten_count_ == 0;
    if (is_new && !arena_.owners().commit(made + 1)) return nullptr;
    const uint32_t id = is_new ? made : forgotten(--forgotten_count_);
    owner = &at(id);  // zeros: a valid record, whose stashes stay untouched until somebody pushes
    owner->id = id;
    owner->cache.init(shared, *owner);
    // Pairs with count(): records below are complete.
    if (is_new) count_.store(made + 1, std::memory_order_release);
  }
  owner->exit_rounds = 0;
  owner->state.store(Owner::kActive, std::memory_order_relaxed);
  active_.fetch_add(1, std::memory_order_relaxed);
  return owner;
}

void Owners::retire(Owner& owner) {
  LockGuard guard(lock_);
  owner.state.store(Owner::kRetired, std::memory_order_relaxed);
  owner.next_retired = retired_;
  retired_ = owner.id;
  active_.fetch_sub(1, std::memory_order_relaxed);
}

// What else is in the part's pages is set again by attach().
bool Owners::forget(Owner& owner) {
  const auto bytes = static_cast<size_t>(reinterpret_cast<char*>(&owner.stash_touched) -
                                         reinterpret_cast<char*>(&owner));
  if (bytes % os::start_info().page_size != 0 || !owner.cache.is_empty()) return false;
  if (!arena_.forgotten_owners().commit(forgotten_count_ + 1)) return false;
  const uint32_t id = owner.id;
  nobody().counters.take_over(owner.counters);
  if (!os::purge(&owner, bytes)) return false;
  forgotten(forgotten_count_++) = id;
  return true;
}

void Owners::forget_retired(uint64_t since_ms) {
  constexpr int kMostAtOnce = 256;
  LockGuard guard(lock_);
  int left = kMostAtOnce;
  for (uint32_t* link = &retired_; *link != 0 && left > 0;) {
    Owner& owner = at(*link);
    const uint32_t next = owner.next_retired;
    if (owner.used_ms <= since_ms && forget(owner)) {
      *link = next;
      --left;
    } else {
      link = &owner.next_retired;
    }
  }
}

void Owners::reset_after_fork(Owner* survivor) {
  lock_.reset_after_fork(Whose::kOthers);
  retired_ = 0;
  uint32_t active = 0;
  for (uint32_t id = 1; id < count(); ++id) {
    Owner& owner = at(id);
    const bool interrupted = owner.cache.reset_after_fork(Whose::kOthers);
    if (&owner == survivor) {
      ++active;
      continue;
    }
    // A cache whose thread was in its slow path may be half-changed: its blocks are lost to the
    // child.
    if (interrupted) owner.state.store(Owner::kLost, std::memory_order_relaxed);
    const uint32_t state = owner.state.load(std::memory_order_relaxed);
    if (state == Owner::kLost || state == Owner::kUnused) continue;
    owner.state.store(Owner::kRetired, std::memory_order_relaxed);
    owner.next_retired = retired_;
    retired_ = id;
  }
  active_.store(active, std::memory_order_relaxed);
}

void Owners::give_up(Owner& owner) {
  lock_.reset_after_fork(Whose::kMine);
  owner.cache.reset_after_fork(Whose::kMine);
  owner.state.store(Owner::kLost, std::memory_order_relaxed);
  active_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace tamari
