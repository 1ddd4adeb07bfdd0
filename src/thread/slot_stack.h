// slot_stack.h - the array of pointers under one class of a thread cache, and how a stranger may
// empty it while its thread sleeps.
//
//   floor  slots[0] slots[1] ...                      pop:  take slots[top-1] unless it is null
//   null   | p0     | p1     | p2 | <- top            push: write slots[top], then raise top
//
// Only the thread pops and pushes, with plain loads and stores: no lock, no fence. A stranger (the
// background thread, holding the cache's lock so that the array stays this array) takes pointers by
// writing null over them: to the thread, a null is the floor, and its slow path waits for the lock.
//
// steal(): (1) exchange every slot below the top one for null; (2) a barrier on all threads: from
// here on the thread sees the nulls, and if it is inside a pop, the slot it has read is the one
// below the `top` in memory; (3) read top; (4) a second barrier, so that what the thread wrote
// before that top is visible; (5) a slot is ours if it lies below the one that such a pop could
// have read, and is still null: had the thread popped it earlier, it could only have got above it
// again by writing it. If it was written again, the thread has had our pointer, which is forgotten;
// if it does not lie below, we cannot know, and the pointer goes back into its slot.
//
// An array whose pops announce themselves loses its topmost pointer as well, unless the stranger
// sees such a pop under way between (2) and (3): no slot below the top is in doubt then (`doubtful`
// is 0 instead of 1). Nor is one in an array from which nobody pops.
//
// SlotT is std::atomic<void*> in the library and a scheduled atomic in tests/model; TopT is a plain
// pointer in the library (see TAMARI_OWN_LOAD) and a scheduled atomic in tests/model.
#pragma once

#include <atomic>
#include <cstddef>
#include <type_traits>

#include "platform/compiler.h"

namespace tamari {

template <class SlotT, class TopT = SlotT*>
struct SlotStack {
  using Top = TopT;  // written by the thread alone
  static constexpr bool kPlainTop = std::is_pointer_v<TopT>;

  // Null when the stack is empty (or was emptied by a stranger): nothing changed then.
  // (Array and index, not a reference: gcc then folds the index into both accesses.)
  template <class Tops>
  static TAMARI_INLINE void* pop(Tops& tops, size_t index) {
    SlotT* at;
    if constexpr (kPlainTop) {
      at = TAMARI_OWN_LOAD(tops[index]);
    } else {
      at = tops[index].load(std::memory_order_relaxed);
    }
    void* block = at[-1].load(std::memory_order_relaxed);
    if (TAMARI_UNLIKELY(block == nullptr)) return nullptr;
    if constexpr (kPlainTop) {
      TAMARI_TOP_DOWN(tops[index], block);
    } else {
      tops[index].store(at - 1, std::memory_order_relaxed);
    }
    return block;
  }

  // The same, announced. `popping` is the thread's.
  template <class Tops, class Flag>
  static TAMARI_INLINE void* pop_announced(Tops& tops, size_t index, Flag& popping) {
    const bool inside_another = popping.load(std::memory_order_relaxed);  // that a signal broke
    popping.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    void* block = pop(tops, index);
    popping.store(inside_another, std::memory_order_release);  // who sees it sees the top, too
    return block;
  }

  // The slot must come before the top: a fork child may see any prefix of these steps. (Release: a
  // stranger who takes the pointer sees what the thread did to the block; pairs with mark().)
  static TAMARI_INLINE void push(Top& top, SlotT* at, void* block) {
    at->store(block, std::memory_order_release);
    if constexpr (kPlainTop) {
      TAMARI_TOP_UP(top);
    } else {
      top.store(at + 1, std::memory_order_relaxed);
    }
  }

  // A stranger's look at the top.
  static SlotT* look(const Top& top) {
    if constexpr (kPlainTop) {
      return __atomic_load_n(&top, __ATOMIC_ACQUIRE);
    } else {
      return top.load(std::memory_order_acquire);
    }
  }

  // The same between the barriers, where pops announce themselves.
  template <class Flag>
  static SlotT* look_announced(const Top& top, const Flag& popping, size_t& doubtful) {
    doubtful = popping.load(std::memory_order_acquire) ? 1 : 0;  // before the top
    return look(top);
  }

  // Step 1: moves slots[0, top-doubtful) to `taken`, leaving nulls. Returns how many slots were
  // looked at.
  template <class Out>
  static size_t mark(Top& top, SlotT* slots, Out* taken, size_t doubtful) {
    const auto filled = static_cast<size_t>(look(top) - slots);
    if (filled <= doubtful) return 0;
    for (size_t i = 0; i + doubtful < filled; ++i) {
      taken[i].store(slots[i].exchange(nullptr, std::memory_order_acquire),
                     std::memory_order_relaxed);
    }
    return filled - doubtful;
  }

  // Step 5: compacts `taken` to the pointers that are ours now, and returns their number. `top` is
  // what was read between the barriers. From the topmost slot up (with `doubtful` 0: above it), a
  // pop or a push may be under way: those pointers go back to where they were, if nothing else is
  // there. Above top nobody sees them.
  template <class Out>
  static size_t settle(SlotT* top, SlotT* slots, Out* taken, size_t looked_at, size_t doubtful) {
    const auto filled = static_cast<size_t>(top - slots);
    size_t ours = 0;
    for (size_t i = 0; i < looked_at; ++i) {
      void* block = taken[i].load(std::memory_order_relaxed);
      if (block == nullptr) continue;
      void* expected = nullptr;
      if (i + doubtful >= filled) {
        slots[i].compare_exchange_strong(expected, block, std::memory_order_relaxed);
      } else if (slots[i].load(std::memory_order_relaxed) == nullptr) {
        taken[ours++].store(block, std::memory_order_relaxed);
      }
    }
    return ours;
  }

  // By the thread, under the lock: closes the gaps that a stranger left. Returns the number of
  // blocks.
  static size_t compact(Top& top, SlotT* slots) {
    const auto filled = static_cast<size_t>(look(top) - slots);
    size_t kept = 0;
    for (size_t i = 0; i < filled; ++i) {
      void* block = slots[i].load(std::memory_order_relaxed);
      if (block != nullptr) slots[kept++].store(block, std::memory_order_relaxed);
    }
    if constexpr (kPlainTop) {
      __atomic_store_n(&top, slots + kept, __ATOMIC_RELAXED);
    } else {
      top.store(slots + kept, std::memory_order_relaxed);
    }
    return kept;
  }
};

}  // namespace tamari
