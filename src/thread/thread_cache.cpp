#include "thread/thread_cache.h"

#include <algorithm>

#include "thread/owner.h"
#include "thread/shared.h"

namespace tamari {
namespace {

// Of a class that a thread may never use again: a cache line of the smallest, one medium block.
constexpr size_t kFirstCapacityBytes = 1024;
constexpr size_t kFirstCapacityBlocks = 4;
constexpr size_t kChoices = 8;  // of shuffle()
// However many threads there are: most of them sleep, and are emptied then.
constexpr size_t kLeastBudget = 512 * 1024;
constexpr size_t kRemoteBytes = 32768;     // no more wait in one remote buffer
constexpr size_t kManyBytes = 128 * 1024;  // of an array that leaves whole though more follow

// The kernel may be short of memory for a moment.
bool barrier_at_last() {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    if (os::barrier_all_threads()) return true;
    TAMARI_PAUSE();
  }
  return false;
}

size_t first_capacity(size_t size_class) {
  return std::clamp<size_t>(kFirstCapacityBytes / kSizeClasses[size_class].size, 1,
                            kFirstCapacityBlocks);
}

void swap_blocks(Slot& a, Slot& b) {
  void* block = a.load(std::memory_order_relaxed);
  a.store(b.load(std::memory_order_relaxed), std::memory_order_relaxed);
  b.store(block, std::memory_order_relaxed);
}

}  // namespace

constinit NoBatch g_no_batch;
constinit const ThreadCache ThreadCache::kNone{};

void ThreadCache::init(Shared& shared, Owner& owner) {
  top = all(g_no_batch.slots);
  limit = all(&g_no_batch.floor);
  owner_ = &owner;
  shared_ = &shared;
  policy_ = shared.tunables.get(Tunable::remote_policy);
  budget_ = budget();
  random_ = os::start_info().random ^ owner.id;
  account_ = TransferCache::Account(owner.id);
}

// --- Batches -----------------------------------------------------------------------------------

Batch* ThreadCache::acquire_batch() {
  Batch* batch = empty_;
  empty_ = nullptr;
  return batch != nullptr ? batch : shared_->batches.acquire(owner_->id);
}

void ThreadCache::release_batch(Batch* batch) {
  if (empty_ == nullptr) {
    empty_ = batch;
  } else {
    shared_->batches.release(batch, owner_->id);
  }
}

void ThreadCache::push_chain(uint32_t& chain, Batch* batch) {
  batch->next.store(chain, std::memory_order_relaxed);
  chain = shared_->batches.index_of(batch);
}

Batch* ThreadCache::pop_chain(uint32_t& chain) {
  Batch* batch = shared_->batches.at(chain);
  chain = batch->next.load(std::memory_order_relaxed);
  return batch;
}

void ThreadCache::push_spare(Bin& bin, Batch* batch) {
  push_chain(bin.spares, batch);
  ++bin.spare_count;
}

Batch* ThreadCache::pop_spare(Bin& bin) {
  --bin.spare_count;
  return pop_chain(bin.spares);
}

void ThreadCache::send_chain(size_t size_class, uint32_t& chain) {
  while (chain != 0) send(size_class, pop_chain(chain));
}

size_t ThreadCache::loaded_count(size_t size_class) const {
  return BlockStack::filled(BlockStack::look(top[size_class]), bins_[size_class].loaded->slots);
}

void ThreadCache::set_limit(size_t size_class) {
  const Bin& bin = bins_[size_class];
  if (bin.loaded == nullptr) return;
  const bool looks = diverts(size_class) || bin.watched != 0;
  const size_t room = looks ? 0 : std::max<size_t>(bin.capacity, bin.room);
  limit[size_class] = bin.loaded->slots + room;
}

// Makes `batch`, with its count of blocks, the array of the class. Its head reads as null from now
// on, as its floor does: a signal handler may pop while a pop is finding the floor.
void ThreadCache::load(size_t size_class, Batch* batch) {
  Bin& bin = bins_[size_class];
  bin.loaded = batch;
  bin.room = static_cast<uint8_t>(batch->count);
  batch->next.store(0, std::memory_order_relaxed);
  batch->count = 0;
  batch->floor.store(nullptr, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_release);
  set_top(size_class, batch->slots + bin.room);
  set_limit(size_class);
}

// Closes the gaps that a stranger left in the array of the class. Returns its number of blocks.
size_t ThreadCache::close_gaps(size_t size_class) {
  Bin& bin = bins_[size_class];
  if (TAMARI_LIKELY(!bin.has_gaps)) return loaded_count(size_class);
  bin.has_gaps = false;
  return BlockStack::compact(top[size_class], bin.loaded->slots);
}

// Writes the count of the loaded batch, so that it can leave.
void ThreadCache::seal(size_t size_class) {
  bins_[size_class].loaded->count = static_cast<uint32_t>(close_gaps(size_class));
}

bool ThreadCache::prepare(size_t size_class) {
  Bin& bin = bins_[size_class];
  if (bin.loaded != nullptr) return true;
  Batch* batch = acquire_batch();
  if (batch == nullptr) return false;
  batch->count = 0;
  if (bin.capacity == 0) {
    bin.capacity = static_cast<uint16_t>(first_capacity(size_class));
    set_weight(weight() + bin.capacity * size_t{kSizeClasses[size_class].size});
    if (!bin.known) bin.watched = kWatched;
    bin.known = true;
  }
  load(size_class, batch);
  return true;
}

// A thread that sleeps has been emptied, or will be: its share is for those that work.
size_t ThreadCache::threads() const { return std::max<size_t>(shared_->owners.awake(), 1); }

// What this thread's capacities may add up to, in bytes.
size_t ThreadCache::budget() const {
  const Tunables& tunables = shared_->tunables;
  const size_t all = tunables.get(Tunable::thread_caches_bytes);
  const size_t part = std::max<size_t>(all / threads(), std::min(all, kLeastBudget));
  const size_t fixed = std::min<size_t>(tunables.get(Tunable::thread_cache_bytes), part);
  return std::max(fixed, shared_->half_share() / threads());
}

// --- Capacity ----------------------------------------------------------------------------------

void ThreadCache::grow(size_t size_class, bool turned) {
  Bin& bin = bins_[size_class];
  const size_t size = kSizeClasses[size_class].size;
  const size_t capacity = std::min<size_t>(size_t{bin.capacity} * 2, kBatchCapacity);
  const bool is_greatest = capacity == bin.capacity;
  const size_t more = (is_greatest ? capacity : capacity - bin.capacity) * size;
  if (weight() + more > budget_) return;
  if (weight() + more > kLeastBudget && bin.events < kNeededEvents) return;
  if (is_greatest && !earns_spare(size_class, turned)) return;
  set_weight(weight() + more);
  if (is_greatest) ++bin.spare_room;
  bin.capacity = static_cast<uint16_t>(capacity);
  owner_->counters.add(Counter::capacity_grown);
}

// No more than a second-level cache holds: what is older had better pass by its spans, which hand
// it out in the order of its addresses.
size_t ThreadCache::most_spares(size_t size_class) {
  return std::max(kSpareBytes / (kBatchCapacity * kSizeClasses[size_class].size), kFewSpares);
}

// `turned`: the class misses an array that it has sent on, with no more than spares could hold.
bool ThreadCache::earns_spare(size_t size_class, bool turned) const {
  const Bin& bin = bins_[size_class];
  if (bin.spare_room >= most_spares(size_class)) return false;
  return turned || (bin.spare_room == 0 && bin.events >= kHotEvents);
}

void ThreadCache::shrink_spares(size_t size_class, size_t room) {
  Bin& bin = bins_[size_class];
  while (bin.spare_count > room) flush(size_class, pop_spare(bin));
  set_weight(weight() - (bin.spare_room - room) * bin.capacity * kSizeClasses[size_class].size);
  bin.spare_room = static_cast<uint16_t>(room);
}

void ThreadCache::shrink(size_t size_class) {
  Bin& bin = bins_[size_class];
  const size_t size = kSizeClasses[size_class].size;
  const size_t least = first_capacity(size_class);
  const bool had_room = bin.spare_room != 0;
  shrink_spares(size_class, bin.spare_room / 2);
  if (!had_room) {
    if (bin.capacity <= least) return;
    const auto capacity = static_cast<uint16_t>(std::max<size_t>(bin.capacity / 2, least));
    set_weight(weight() - (bin.capacity - capacity) * size);
    bin.capacity = capacity;
  }
  owner_->counters.add(Counter::capacity_shrunk);
  seal(size_class);
  if (bin.loaded->count > bin.capacity) {
    Batch* rest = split(bin.loaded, bin.capacity);
    if (rest != nullptr) flush(size_class, rest);
  }
  load(size_class, bin.loaded);
}

// Visits the next class, and takes capacity from it if nobody used it since the last visit, or if
// the budget has become too small for all. A round renews the budget, and has one class watched.
void ThreadCache::sweep() {
  const size_t c = 1 + swept_ % kSweptClasses;
  const uint32_t round = swept_++ / kSweptClasses;
  if (c == 1) budget_ = budget();
  Bin& bin = bins_[c];
  flush_remote(c);
  if (!bin.travels || round % kRoundsOfTravellers == 0) bin.looked = bin.strays = 0;
  if (bin.loaded == nullptr) return;
  if (bin.events == 0 || weight() > budget_) {
    shrink(c);
  } else {
    bin.room = 0;
  }
  bin.events = 0;
  if (c == 1 + round % kSweptClasses) bin.watched = kWatched;
  set_limit(c);
}

void ThreadCache::note_event(size_t size_class) {
  ++bins_[size_class].events;
  const uint32_t events = events_.load(std::memory_order_relaxed) + 1;
  events_.store(events, std::memory_order_relaxed);
  if (TAMARI_UNLIKELY(owner_->emptied.load(std::memory_order_relaxed))) {
    owner_->emptied.store(false, std::memory_order_relaxed);
    shared_->owners.add_awake();
  }
  if (events % kEventsPerSweep == 0) sweep();
  const uint64_t policy = shared_->tunables.get(Tunable::remote_policy);
  if (TAMARI_LIKELY(policy == policy_)) return;
  policy_ = policy;
  for (size_t i = 0; i < kSweptClasses; ++i) sweep();
}

// --- Refill: own spare, surplus set aside, own stash, transfer cache, central list ---------------

void* ThreadCache::refill_and_pop(size_t size_class, bool* zero) {
  LockGuard guard(lock_);
  note_event(size_class);
  if (!prepare(size_class)) return nullptr;
  if (close_gaps(size_class) == 0) {
    if (bins_[size_class].spares == 0) note_miss(size_class);
    const bool loaded = load_spare(size_class) || load_aside(size_class) ||
                        load_from_stash(size_class) || load_from_transfer(size_class) ||
                        load_from_central(size_class, zero);
    if (!loaded) return nullptr;
  }
  return BlockStack::pop(top, size_class);
}

// What the thread keeps of the class is used up.
void ThreadCache::note_miss(size_t size_class) {
  Bin& bin = bins_[size_class];
  bin.overflows = 0;
  const bool turned = bin.missing != 0 && bin.missing < most_spares(size_class);
  bin.missing = turned ? static_cast<uint16_t>(bin.missing - 1) : 0;
  grow(size_class, turned);
}

bool ThreadCache::load_spare(size_t size_class) {
  Bin& bin = bins_[size_class];
  if (bin.spares == 0) return false;
  release_batch(bin.loaded);
  load(size_class, pop_spare(bin));
  owner_->counters.add(Counter::spare_swaps);
  return true;
}

// The first batch handed over becomes the array, the others become spares.
void ThreadCache::hand_over(size_t size_class, Batch* batch) {
  Bin& bin = bins_[size_class];
  if (BlockStack::look(top[size_class]) == bin.loaded->slots) {
    release_batch(bin.loaded);
    load(size_class, batch);
  } else {
    push_spare(bin, batch);
  }
}

// Leaves `keep` blocks in the batch and returns a new one with the rest; null when there is no
// batch.
Batch* ThreadCache::split(Batch* batch, size_t keep) {
  Batch* rest = acquire_batch();
  if (rest == nullptr) return nullptr;
  rest->count = batch->count - static_cast<uint32_t>(keep);
  for (size_t i = 0; i < rest->count; ++i) {
    rest->slots[i].store(batch->slots[keep + i].load(std::memory_order_relaxed),
                         std::memory_order_relaxed);
  }
  batch->count = static_cast<uint32_t>(keep);
  return rest;
}

bool ThreadCache::load_aside(size_t size_class) {
  Bin& bin = bins_[size_class];
  if (bin.aside == 0) return false;
  const size_t wanted = shared_->tunables.get(Tunable::stash_drain_limit);
  for (size_t handed = 0; bin.aside != 0 && handed < wanted;) {
    Batch* batch = pop_chain(bin.aside);
    if (handed + batch->count > wanted) {
      Batch* rest = split(batch, wanted - handed);
      if (rest != nullptr) push_chain(bin.aside, rest);
    }
    handed += batch->count;
    hand_over(size_class, batch);
  }
  owner_->counters.add(Counter::alloc_slow_calls);
  owner_->counters.add(Counter::alloc_from_aside);
  return true;
}

bool ThreadCache::load_from_stash(size_t size_class) {
  const bool policy_fills_it = static_cast<RemotePolicy>(policy_) == RemotePolicy::kOwnerStash;
  if (!policy_fills_it && owner_->stashes[size_class].looks_empty()) return false;

  Counters& counters = owner_->counters;
  counters.add(Counter::stash_drains);
  const Tunables& tunables = shared_->tunables;
  const size_t wanted = tunables.get(Tunable::stash_drain_limit);
  const bool bounded = tunables.get(Tunable::stash_bounded_drain) != 0;
  const size_t most = bounded ? wanted + tunables.get(Tunable::stash_bounded_extra) : SIZE_MAX;

  uint32_t everything = bounded ? 0 : owner_->stash_pop_all(shared_->batches, size_class);
  size_t detached = 0;
  size_t handed = 0;
  while (detached < most) {
    if (!bounded && everything == 0) break;
    Batch* batch =
        bounded ? owner_->stash_pop(shared_->batches, size_class) : pop_chain(everything);
    if (batch == nullptr) break;
    if (bounded && detached + batch->count > most) {
      Batch* rest = split(batch, most - detached);
      if (rest != nullptr) {
        owner_->stash_put_back(shared_->batches, size_class, rest);
        counters.add(Counter::stash_returned_batches);
      }
    }
    detached += batch->count;
    if (handed < wanted && handed + batch->count > wanted) {
      Batch* rest = split(batch, wanted - handed);
      if (rest != nullptr) push_chain(bins_[size_class].aside, rest);
    }
    if (handed < wanted) {
      handed += batch->count;
      hand_over(size_class, batch);
    } else {
      push_chain(bins_[size_class].aside, batch);
    }
  }
  if (detached == 0) return false;
  counters.add(Counter::stash_drains_found);
  counters.add(Counter::stash_drained_blocks, handed);
  counters.raise(Counter::stash_drained_max, handed);
  counters.add(Counter::stash_detached_blocks, detached);
  counters.add(Counter::alloc_slow_calls);
  counters.add(kSizeClasses[size_class].size > kSmallBlockBytes ? Counter::alloc_from_inbox
                                                                : Counter::alloc_from_stash);
  return true;
}

void ThreadCache::note_sent(Bin& bin, size_t blocks) {
  bin.balance = std::min(bin.balance + static_cast<int32_t>(kWorthOfSent * blocks), kMostBalance);
}

void ThreadCache::note_found(Bin& bin, size_t blocks) {
  bin.balance = std::max(bin.balance - static_cast<int32_t>(blocks), -kMostBalance);
}

// Where threads have parted, one that sends on a good part of what it takes takes batches of its
// shard only: its blocks wait there or in the shard's spans.
bool ThreadCache::load_from_transfer(size_t size_class) {
  using From = TransferCache::From;
  Bin& bin = bins_[size_class];
  const bool has_its_own = bin.balance > 0 && shared_->central.is_split(size_class);
  const From from = has_its_own ? From::kOwnShard : From::kAnyShard;
  Batch* batch = shared_->transfer.remove(size_class, account_, from);
  if (batch == nullptr) return false;
  note_found(bin, batch->count);
  release_batch(bin.loaded);
  load(size_class, batch);
  owner_->counters.add(Counter::alloc_slow_calls);
  owner_->counters.add(Counter::alloc_from_transfer);
  return true;
}

// In the order in which they will be popped, each is any of the next eight: nobody foresees it, and
// neighbours stay near.
void ThreadCache::shuffle(Slot* slots, size_t count) {
  for (size_t left = count; left > 1; --left) {
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;  // Knuth, MMIX
    const size_t skipped = (random_ >> 33) * std::min(left, kChoices) >> 31;
    swap_blocks(slots[left - 1], slots[left - 1 - skipped]);
  }
}

bool ThreadCache::load_from_central(size_t size_class, bool* zero) {
  Bin& bin = bins_[size_class];
  Batch* batch = bin.loaded;
  const size_t wanted =
      std::min<size_t>(bin.capacity, shared_->tunables.get(Tunable::refill_batch));
  const auto wish = zero != nullptr ? CentralList::Wish::kZeroed : CentralList::Wish::kMany;
  const CentralList::Removed removed =
      shared_->central.remove(size_class, batch->slots, wanted, owner_->id, wish);
  if (removed.blocks == 0) return false;
  if (zero != nullptr) *zero = removed.zero;
  note_found(bin, removed.blocks);
  if (shared_->tunables.get(Tunable::check) == static_cast<uint64_t>(CheckMode::kAll))
    shuffle(batch->slots, removed.blocks);
  batch->count = static_cast<uint32_t>(removed.blocks);
  load(size_class, batch);
  Counters& counters = owner_->counters;
  counters.add(Counter::alloc_slow_calls);
  counters.add(removed.new_span ? Counter::alloc_from_page_heap : Counter::alloc_from_central);
  counters.add(Counter::central_removed_blocks, removed.blocks);
  return true;
}

// --- Free: overflow and policy -------------------------------------------------------------------

bool ThreadCache::diverts(size_t size_class) const {
  switch (static_cast<RemotePolicy>(policy_)) {
    case RemotePolicy::kDirect:
      return false;
    case RemotePolicy::kOwnerStash:
      return true;
    case RemotePolicy::kHybrid:
      return kSizeClasses[size_class].size < kLineBytes && bins_[size_class].looked < kLooks;
  }
  return false;
}

// A class of which all blocks looked at were our own need not be looked at for a while; nor one
// whose blocks travel mostly, as their lines are shared anyway.
void ThreadCache::note_look(size_t size_class, bool is_foreign) {
  Bin& bin = bins_[size_class];
  if (is_foreign) ++bin.strays;
  if (++bin.looked < kLooks) return;
  bin.travels = bin.strays > kLooks / 2;
  if (bin.strays != 0 && !bin.travels) bin.looked = 0;
  bin.strays = 0;
  set_limit(size_class);
}

bool ThreadCache::is_known_free(size_t size_class, const void* block) const {
  const Batch* loaded = bins_[size_class].loaded;
  for (size_t i = loaded == nullptr ? 0 : loaded_count(size_class); i > 0; --i) {
    if (loaded->slots[i - 1].load(std::memory_order_relaxed) == block) return true;
  }
  return shared_->central.holds(size_class, block);
}

void ThreadCache::watch(size_t size_class, void* block) {
  if (--bins_[size_class].watched == 0) set_limit(size_class);
  if (is_known_free(size_class, block)) report_double_free(block);
}

void ThreadCache::push_slow(size_t size_class, void* block) {
  owner_->counters.add(Counter::free_slow_calls);
  Bin& bin = bins_[size_class];
  if (bin.watched != 0) watch(size_class, block);
  if (diverts(size_class)) {
    const uint32_t owner = shared_->central.owner_of(size_class, block);
    const bool is_foreign = owner != owner_->id && owner != 0;
    if (static_cast<RemotePolicy>(policy_) == RemotePolicy::kHybrid)
      note_look(size_class, is_foreign);
    if (is_foreign) {
      push_remote(size_class, block);
      return;
    }
  }
  if (bin.loaded != nullptr && loaded_count(size_class) < bin.capacity) {
    BlockStack::push(top[size_class], BlockStack::look(top[size_class]), block);
    return;
  }
  LockGuard guard(lock_);
  note_event(size_class);
  if (!prepare(size_class)) {
    insert_single(size_class, block);
    return;
  }
  if (loaded_count(size_class) >= bin.capacity) make_room(size_class);
  BlockStack::push(top[size_class], BlockStack::look(top[size_class]), block);
}

// After this, the array of the class has room for one block at least. Half of a full array stays,
// so that a thread whose frees and allocations alternate does not run from one edge to the other.
// It leaves whole if no allocation has missed since the last one left, or if the class has a spare
// batch; but half of it, or a number of bytes, if none has missed for long: whoever takes a batch
// of a thread that only frees holds what is in it.
void ThreadCache::make_room(size_t size_class) {
  Bin& bin = bins_[size_class];
  grow(size_class, false);
  seal(size_class);
  Batch* full = bin.loaded;
  if (full->count < bin.capacity) {
    load(size_class, full);
    return;
  }
  const size_t half = (full->count + 1) / 2;
  size_t leaving = bin.spare_room != 0 || bin.overflows != 0 ? full->count : half;
  if (bin.spare_room == 0 && bin.overflows >= kManyOverflows)
    leaving = std::clamp<size_t>(kManyBytes / kSizeClasses[size_class].size, half, full->count);
  Batch* staying = split(full, leaving);
  if (staying == nullptr) {  // no memory even for a batch: the blocks go straight back
    shared_->insert(size_class, full->slots, full->count, owner_->counters);
    full->count = 0;
    load(size_class, full);
    return;
  }
  load(size_class, staying);
  if (bin.spare_count < bin.spare_room) {
    push_spare(bin, full);
    owner_->counters.add(Counter::spare_swaps);
    return;
  }
  if (bin.overflows < kManyOverflows) ++bin.overflows;
  if (bin.missing < most_spares(size_class)) {
    ++bin.missing;
  } else if (bin.spare_room > 1) {
    shrink_spares(size_class, bin.spare_room - 1);
  }
  if (bin.spares != 0) {  // the newest stay
    Batch* older = pop_spare(bin);
    push_spare(bin, full);
    full = older;
  }
  flush(size_class, full);
}

// A thread that is alone has nobody to share a line with.
void ThreadCache::flush(size_t size_class, Batch* batch) {
  Bin& bin = bins_[size_class];
  note_sent(bin, batch->count);
  owner_->counters.add(Counter::flush_batches);
  owner_->counters.add(Counter::flush_blocks, batch->count);
  const auto policy = static_cast<RemotePolicy>(policy_);
  const bool shares_lines = kSizeClasses[size_class].size < kLineBytes && threads() > 1;
  if (policy == RemotePolicy::kOwnerStash) {
    flush_by_owner(size_class, batch);
  } else if (policy == RemotePolicy::kHybrid && shares_lines && !bin.travels) {
    send_to_spans(size_class, batch);
  } else {
    send(size_class, batch);
  }
}

// To the transfer cache, or past its limit to the spans.
void ThreadCache::send(size_t size_class, Batch* batch) {
  if (!shared_->offer(size_class, batch, owner_->counters, account_))
    send_to_spans(size_class, batch);
}

void ThreadCache::send_to_spans(size_t size_class, Batch* batch) {
  shared_->insert(size_class, batch->slots, batch->count, owner_->counters);
  release_batch(batch);
}

// Each owner's blocks to its stash, in batches; our own and nobody's to the transfer cache.
void ThreadCache::flush_by_owner(size_t size_class, Batch* batch) {
  uint32_t owners[kBatchCapacity];
  for (size_t i = 0; i < batch->count; ++i) {
    owners[i] =
        shared_->central.owner_of(size_class, batch->slots[i].load(std::memory_order_relaxed));
  }
  while (batch->count > 0) {
    const uint32_t owner = owners[0];
    const bool uniform =
        std::all_of(owners, owners + batch->count, [&](uint32_t o) { return o == owner; });
    Batch* group = uniform ? batch : acquire_batch();
    if (group == nullptr) break;  // no batch to sort into: the rest goes to the spans
    if (!uniform) {
      uint32_t kept = 0;
      group->count = 0;
      for (size_t i = 0; i < batch->count; ++i) {
        void* block = batch->slots[i].load(std::memory_order_relaxed);
        if (owners[i] == owner) {
          group->slots[group->count++].store(block, std::memory_order_relaxed);
        } else {
          owners[kept] = owners[i];
          batch->slots[kept++].store(block, std::memory_order_relaxed);
        }
      }
      batch->count = kept;
    }
    if (owner == owner_->id || owner == 0) {
      send(size_class, group);
    } else {
      publish(size_class, group, owner);
    }
    if (uniform) return;
  }
  send_to_spans(size_class, batch);
}

void ThreadCache::push_remote(size_t size_class, void* block) {
  owner_->counters.add(Counter::free_remote);
  Bin& bin = bins_[size_class];
  if (bin.remote == nullptr) {
    LockGuard guard(lock_);
    note_event(size_class);
    Batch* batch = acquire_batch();
    if (batch == nullptr) {
      insert_single(size_class, block);
      return;
    }
    bin.remote_top = batch->slots;  // before the batch: a fork child may see any prefix of this
    std::atomic_signal_fence(std::memory_order_release);
    bin.remote = batch;
  }
  BlockStack::push(bin.remote_top, bin.remote_top, block);
  const auto waiting = static_cast<size_t>(bin.remote_top - bin.remote->slots);
  const size_t enough = std::max<size_t>(kRemoteBytes / kSizeClasses[size_class].size, 1);
  if (waiting < std::min<size_t>(enough, shared_->tunables.get(Tunable::remote_batch))) return;
  LockGuard guard(lock_);
  note_event(size_class);
  flush_remote(size_class);
}

void ThreadCache::flush_remote(size_t size_class) {
  Bin& bin = bins_[size_class];
  Batch* batch = bin.remote;
  if (batch == nullptr) return;
  batch->count = static_cast<uint32_t>(BlockStack::compact(bin.remote_top, batch->slots));
  bin.remote = nullptr;
  bin.remote_top = nullptr;
  if (batch->count != 0) {
    flush_by_owner(size_class, batch);
  } else {
    release_batch(batch);
  }
}

// No batch to be had: one block goes straight back to its span.
void ThreadCache::insert_single(size_t size_class, void* block) {
  Slot single{block};
  shared_->insert(size_class, &single, 1, owner_->counters);
}

void ThreadCache::publish(size_t size_class, Batch* batch, uint32_t owner) {
  Counters& counters = owner_->counters;
  Owner& target = shared_->owners.at(owner);
  const uint32_t blocks = batch->count;
  const Tunables& tunables = shared_->tunables;
  const size_t most_blocks = tunables.get(Tunable::stash_limit);
  const size_t most_bytes = tunables.get(Tunable::stash_bytes);
  if (!target.is_awake() ||
      !target.stash_push(shared_->batches, size_class, batch, most_blocks, most_bytes)) {
    counters.add(Counter::stash_spills);
    send(size_class, batch);
    return;
  }
  counters.add(Counter::stash_push_batches);
  counters.add(Counter::stash_push_blocks, blocks);
  counters.add(batch_length_counter(blocks));
}

// --- Emptying ----------------------------------------------------------------------------------

void ThreadCache::empty() {
  LockGuard guard(lock_);
  const bool stashes = owner_->stash_take_touched();
  for (size_t c = 1; c < kClassCount; ++c) {
    while (Batch* batch = stashes ? owner_->stash_pop(shared_->batches, c) : nullptr)
      send(c, batch);
    Bin& bin = bins_[c];
    if (bin.capacity == 0 && bin.remote == nullptr) continue;
    flush_remote(c);
    send_chain(c, bin.spares);
    send_chain(c, bin.aside);
    if (bin.loaded != nullptr) {
      seal(c);
      if (bin.loaded->count != 0) {
        send(c, bin.loaded);
      } else {
        release_batch(bin.loaded);
      }
    }
    bin = Bin{.known = bin.known, .watched = bin.watched};
    set_top(c, g_no_batch.slots);
    limit[c] = &g_no_batch.floor;
  }
  if (empty_ != nullptr) shared_->batches.release(empty_, owner_->id);
  empty_ = nullptr;
  set_weight(0);
  shared_->transfer.settle(account_);
}

bool ThreadCache::is_empty() const {
  return std::all_of(bins_.begin(), bins_.end(), [](const Bin& bin) {
    return bin.loaded == nullptr && bin.remote == nullptr && bin.spares == 0 && bin.aside == 0;
  });
}

bool ThreadCache::seems_idle() {
  bool idle = true;
  const uint32_t events = events_.load(std::memory_order_relaxed);
  if (events != marked_events_) idle = false;
  marked_events_ = events;
  for (size_t c = 1; c < kClassCount; ++c) {
    Slot* now = BlockStack::look(top[c]);
    if (now != marked_[c]) idle = false;
    marked_[c] = now;
  }
  return idle;
}

// False when there is no batch to take them with.
bool ThreadCache::mark(Theft theft, Thefts& thefts, size_t& count) {
  if (theft.array == nullptr) return true;
  if (BlockStack::filled(BlockStack::look(*theft.top), theft.array->slots) == 0) return true;
  theft.taken = shared_->batches.acquire(Shared::kNobody);
  if (theft.taken == nullptr) return false;
  bins_[theft.size_class].has_gaps = true;
  theft.looked_at = BlockStack::mark(*theft.top, theft.array->slots, theft.taken->slots);
  thefts[count++] = theft;
  return true;
}

// Each class has two arrays, numbered through. Returns the array to go on with: memory may be so
// short that the batches of the first arrays have to serve the next.
size_t ThreadCache::steal_from(size_t first, Counters& counters, Thefts& thefts, size_t& bytes) {
  size_t count = 0;
  size_t array = first;
  for (; array < kArrays; ++array) {
    const size_t c = array / 2;
    Bin& bin = bins_[c];
    while (bin.spares != 0) send_stolen(c, pop_spare(bin), counters, bytes);
    while (bin.aside != 0) send_stolen(c, pop_chain(bin.aside), counters, bytes);
    const bool is_remote = array % 2 != 0;
    const Theft theft{.size_class = c,
                      .array = is_remote ? bin.remote : bin.loaded,
                      .top = is_remote ? &bin.remote_top : &top[c]};
    if (!mark(theft, thefts, count)) break;
  }
  if (count == 0) return kArrays;
  const bool first_fence = barrier_at_last();
  for (size_t i = 0; i < count; ++i) thefts[i].seen = BlockStack::look(*thefts[i].top);
  // It worked a moment ago. If it fails for good nobody can tell whose the pointers are: they are
  // given up.
  if (!first_fence || !barrier_at_last()) return kArrays;
  for (size_t i = 0; i < count; ++i) {
    const Theft& theft = thefts[i];
    Batch* taken = theft.taken;
    taken->count = static_cast<uint32_t>(
        BlockStack::settle(theft.seen, theft.array->slots, taken->slots, theft.looked_at));
    if (taken->count != 0) {
      send_stolen(theft.size_class, taken, counters, bytes);
    } else {
      shared_->batches.release(taken, Shared::kNobody);
    }
  }
  return array;
}

void ThreadCache::send_stolen(size_t size_class, Batch* batch, Counters& counters, size_t& bytes) {
  bytes += batch->count * size_t{kSizeClasses[size_class].size};
  shared_->send_to_spans(size_class, batch, counters);
}

bool ThreadCache::steal(Counters& counters, Thefts& thefts, size_t& bytes) {
  bytes = 0;
  if (!os::barrier_all_threads() || !lock_.try_lock()) return false;
  for (size_t array = 2; array < kArrays;) array = steal_from(array, counters, thefts, bytes);
  lock_.unlock();
  return true;
}

void ThreadCache::end_lost_pop() {
  for (size_t c = 1; c < kClassCount; ++c) {
    Slot* floor = bins_[c].loaded != nullptr ? bins_[c].loaded->slots : g_no_batch.slots;
    if (BlockStack::look(top[c]) < floor) set_top(c, floor);
  }
}

void ThreadCache::visit_held(HeldVisit visit, void* context) {
  if (!lock_.try_lock()) return;
  for (size_t c = 1; c < kClassCount; ++c) {
    const auto visit_slots = [&](const Slot* from, const Slot* to) {
      for (; from < to; ++from) {
        const void* block = from->load(std::memory_order_relaxed);
        if (block != nullptr) visit(context, c, block);  // null: a stranger took it
      }
    };
    const Bin& bin = bins_[c];
    if (bin.remote != nullptr) visit_slots(bin.remote->slots, BlockStack::look(bin.remote_top));
    if (bin.loaded != nullptr) visit_slots(bin.loaded->slots, BlockStack::look(top[c]));
    for (uint32_t chain : {bin.spares, bin.aside}) {
      while (chain != 0) {
        const Batch* batch = shared_->batches.at(chain);
        visit_slots(batch->slots, batch->slots + batch->count);
        chain = batch->next.load(std::memory_order_relaxed);
      }
    }
  }
  lock_.unlock();
}

size_t ThreadCache::held_bytes() {
  size_t bytes = 0;
  for_each_held([&](size_t size_class, const void*) { bytes += kSizeClasses[size_class].size; });
  return bytes;
}

}  // namespace tamari
