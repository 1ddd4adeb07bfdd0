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
    const uint32_t id = count_.load(std::memory_order_relaxed);
    if (!arena_.owners().commit(id + 1)) return nullptr;
    owner = &at(id);  // zeros: a valid record, whose stashes stay untouched until somebody pushes
    owner->id = id;
    owner->cache.init(shared, *owner);
    count_.store(id + 1,
                 std::memory_order_release);  // pairs with count(): records below are complete
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
    if (owner.state.load(std::memory_order_relaxed) == Owner::kLost) continue;
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
