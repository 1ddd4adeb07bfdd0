// thread_cache.h - per thread and size class: an array of pointers to free blocks, and spare
// batches.
//
// The hit path (heap/allocate.h) touches top[] and limit[] only. Everything else here is the slow
// path, under lock_ wherever an array changes hands, because the background thread may be emptying
// the cache of a sleeping thread (slot_stack.h). Only the owning thread calls the members, unless
// said otherwise.
//
// A class's capacity doubles at each miss or overflow while the thread's byte budget allows; where
// much is held already, only if there have been some since the last sweep. (A hot class at the
// greatest capacity gets a spare batch, and one more for each that it has just sent on and misses.)
// It halves when a sweep finds that the class has seen none.
// A sweep is a visit to one class; they take turns, so that no call pays for all.
// A class that the policy diverts (every free must look at the block's owner) has its limit at the
// floor, so that each free takes the slow path. So has, for a few frees, a class that is watched,
// for second frees of a block it holds: at its first use by this record, and one class in turn
// after each round of sweeps.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "central/batch.h"
#include "central/transfer_cache.h"
#include "config/counters.h"
#include "config/size_classes.h"
#include "platform/lock.h"
#include "thread/slot_stack.h"

namespace tamari {

struct Owner;
struct Shared;

using BlockStack = SlotStack<Slot>;

// The array of a class that has none: its floor is null and it has no room.
struct NoBatch {
  Slot head{nullptr};
  Slot floor{nullptr};  // the limit: nor has it room while a pop is finding the floor
  Slot slots[1]{};
};
extern NoBatch g_no_batch;

class ThreadCache {
 public:
  // What a thread has before it has a cache: every class is full, and a pop would write to it.
  static const ThreadCache kNone;

  void init(Shared& shared, Owner& owner);

  // The newest block of the class, or null. (Hits pop for themselves.) Not of kNone.
  void* pop(size_t size_class) { return BlockStack::pop(top, size_class); }
  // False: the array is full, or the free has to be looked at.
  bool push(size_t size_class, void* block) {
    Slot* at = BlockStack::look(top[size_class]);
    if (at >= limit[size_class]) return false;
    BlockStack::push(top[size_class], at, block);
    return true;
  }
  // Allocation miss: makes top[size_class] poppable and pops. Null: out of memory. `zero`, if not
  // null, is told whether the block is known to read as zero.
  void* refill_and_pop(size_t size_class, bool* zero = nullptr);
  // Free that found top at the limit, for room or for policy.
  void push_slow(size_t size_class, void* block);

  // Bytes that its capacities add up to. Any thread.
  size_t weight() const { return weight_.load(std::memory_order_relaxed); }
  size_t capacity(size_t size_class) const { return bins_[size_class].capacity; }
  // No arrays: nothing was taken in since it was made or last emptied. Not while its thread lives.
  bool is_empty() const;

  // Hands everything to the shared stores.
  void empty();

  // By the background thread, for a thread that seems to sleep: takes what the cache holds, and
  // tells how much that was. False when the thread was inside, or the kernel has no barrier.
  // `thefts` is scratch room, too large for small stacks.
  struct Theft;
  static constexpr size_t kArrays = 2 * kClassCount;
  using Thefts = std::array<Theft, kArrays>;
  bool steal(Counters& counters, Thefts& thefts, size_t& bytes);
  // By the background thread: whether the thread has used its cache since the last call.
  bool seems_idle();

  // Calls visit(size_class, block) for the blocks it holds; for none when the thread is inside. Any
  // thread.
  template <class Visit>
  void for_each_held(Visit visit) {
    visit_held([](void* context, size_t size_class,
                  const void* block) { (*static_cast<Visit*>(context))(size_class, block); },
               &visit);
  }
  size_t held_bytes();

  // What the slow path holds: who has it finds the arrays at rest.
  bool try_lock() { return lock_.try_lock(); }
  void unlock() { lock_.unlock(); }
  bool is_mine() const { return lock_.is_mine(); }
  bool reset_after_fork(Whose whose) { return lock_.reset_after_fork(whose); }
  // In a fork child, by the thread that takes the cache over: the thread before may have been
  // finding a floor when it was lost.
  void end_lost_pop();

  using Slots = std::array<Slot*, kClassCount>;
  static constexpr Slots all(Slot* same) {
    Slots slots{};
    for (Slot*& slot : slots) slot = same;
    return slots;
  }
  Slots top = all(g_no_batch.slots);
  Slots limit = all(&g_no_batch.floor);

 private:
  friend struct OutlineSource;           // heap/outline.cpp: where the parts lie
  static constexpr uint8_t kLooks = 32;  // at the first frees of a class, and after each sweep,
  static constexpr uint32_t kRoundsOfTravellers = 32;  // or after so many if its blocks travel

  struct Bin {
    Batch* loaded = nullptr;     // top points into its slots
    Batch* remote = nullptr;     // frees of other owners' blocks, not yet published,
    Slot* remote_top = nullptr;  // up to here
    uint32_t spares = 0;         // chain of full batches of our own
    uint32_t aside = 0;          // chain: surplus of an unbounded drain
    int32_t balance = 0;         // kWorthOfSent for each block sent on, less 1 for each found
    uint16_t capacity = 0;       // of the loaded batch
    uint16_t events = 0;         // misses and overflows since the last sweep
    uint16_t spare_count = 0;    // batches in `spares`
    uint16_t spare_room = 0;     // full arrays that may become spares
    uint8_t overflows = 0;       // arrays sent on since a miss found no spare, of kManyOverflows
    uint16_t missing = 0;        // of all sent on, those no miss has asked for, of most_spares()
    bool known = false;          // by this record, whose thread may be another's successor
    uint8_t watched = 0;         // frees that still take the slow path
    uint8_t room = 0;            // blocks that the array came with, and may hold until a sweep
    uint8_t looked = 0;          // frees whose block's owner was looked at, of kLooks (hybrid)
    uint8_t strays = 0;          // of the last ones, those of another owner:
    bool travels = false;        // more than half
    bool has_gaps = false;       // a stranger took blocks from the array
  };

  static constexpr int32_t kWorthOfSent = 4;        // a good part of what it takes: a quarter
  static constexpr int32_t kMostBalance = 1 << 22;  // blocks: what it did long ago is forgotten
  static constexpr uint8_t kWatched = 4;  // the first frees of each class; in turn after a round
  static constexpr uint8_t kManyOverflows = 8;       // a thread that only frees
  static constexpr size_t kSpareBytes = 512 * 1024;  // of blocks, in the spares of one class
  static constexpr size_t kFewSpares = 8;            // that any class may have
  static constexpr uint32_t kSweptClasses = kClassCount - 1;
  static constexpr uint32_t kEventsPerSweep = 3;
  // Of one class between two sweeps.
  static constexpr uint16_t kNeededEvents = kEventsPerSweep * kSweptClasses / 64;
  static constexpr uint16_t kHotEvents = kEventsPerSweep * kSweptClasses / 8;

  using HeldVisit = void (*)(void* context, size_t size_class, const void* block);
  void visit_held(HeldVisit visit, void* context);
  size_t threads() const;
  size_t budget() const;
  Batch* acquire_batch();
  void release_batch(Batch* batch);
  bool prepare(size_t size_class);
  void set_weight(size_t bytes) { weight_.store(bytes, std::memory_order_relaxed); }
  void set_limit(size_t size_class);
  // Whether the array of the class or its span holds the block: a free of it would be its second.
  // Free blocks in other threads' caches and on their way are not known.
  bool is_known_free(size_t size_class, const void* block) const;
  void watch(size_t size_class, void* block);
  void note_event(size_t size_class);
  void sweep();
  void note_miss(size_t size_class);
  void shrink(size_t size_class);
  void grow(size_t size_class, bool turned);
  static size_t most_spares(size_t size_class);
  bool earns_spare(size_t size_class, bool turned) const;
  void shrink_spares(size_t size_class, size_t room);

  size_t loaded_count(size_t size_class) const;
  void set_top(size_t size_class, Slot* at) {
    __atomic_store_n(&top[size_class], at, __ATOMIC_RELAXED);
  }
  void load(size_t size_class, Batch* batch);
  size_t close_gaps(size_t size_class);
  void seal(size_t size_class);
  void push_chain(uint32_t& chain, Batch* batch);
  Batch* pop_chain(uint32_t& chain);
  void push_spare(Bin& bin, Batch* batch);
  Batch* pop_spare(Bin& bin);
  void send_chain(size_t size_class, uint32_t& chain);

  bool load_spare(size_t size_class);
  bool load_aside(size_t size_class);
  bool load_from_stash(size_t size_class);
  static void note_sent(Bin& bin, size_t blocks);
  static void note_found(Bin& bin, size_t blocks);
  bool load_from_transfer(size_t size_class);
  bool load_from_central(size_t size_class, bool* zero);
  void shuffle(Slot* slots, size_t count);
  void hand_over(size_t size_class, Batch* batch);
  Batch* split(Batch* batch, size_t keep);

  bool diverts(size_t size_class) const;
  void note_look(size_t size_class, bool is_foreign);
  void make_room(size_t size_class);
  void flush(size_t size_class, Batch* batch);
  void flush_by_owner(size_t size_class, Batch* batch);
  void send(size_t size_class, Batch* batch);
  void send_to_spans(size_t size_class, Batch* batch);
  void push_remote(size_t size_class, void* block);
  void publish(size_t size_class, Batch* batch, uint32_t owner);
  void flush_remote(size_t size_class);
  void insert_single(size_t size_class, void* block);
  bool mark(Theft theft, Thefts& thefts, size_t& count);
  size_t steal_from(size_t first, Counters& counters, Thefts& thefts, size_t& bytes);
  void send_stolen(size_t size_class, Batch* batch, Counters& counters, size_t& bytes);

  Shared* shared_ = nullptr;
  Owner* owner_ = nullptr;
  Lock lock_;
  TransferCache::Account account_;
  size_t budget_ = 0;                           // bytes; renewed at each round
  uint32_t swept_ = 0;                          // classes so far
  std::atomic<size_t> weight_{0};               // sum of the classes' capacities in bytes
  std::atomic<uint32_t> events_{0};             // misses and overflows
  uint32_t marked_events_ = 0;                  // events_ at the background thread's last look
  uint64_t policy_ = 0;                         // remote_policy that the limits were set for
  uint64_t random_ = 0;                         // of shuffle()
  std::array<Slot*, kClassCount> marked_ = {};  // and tops
  Batch* empty_ = nullptr;                      // kept for the next exchange
  // Last: a thread that uses small blocks only touches no more than the first of them.
  std::array<Bin, kClassCount> bins_{};
};

// One array that a stranger is emptying (slot_stack.h).
struct ThreadCache::Theft {
  size_t size_class = 0;
  Batch* array = nullptr;
  Slot** top = nullptr;
  Batch* taken = nullptr;
  size_t looked_at = 0;
  Slot* seen = nullptr;
};

}  // namespace tamari
