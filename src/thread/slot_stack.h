// slot_stack.h - the array of pointers under one class of a thread cache, and how a stranger may
// empty it while its thread sleeps.
//
//   floor  slots[0] slots[1] ...            pop:  lower top, take slots[top]; if null, raise top
//   null   | p0     | p1     | p2 | <- top  push: write slots[top], then raise top
//
// Only the thread pops and pushes, with plain loads and stores: no lock, no fence. A stranger (the
// background thread, holding the cache's lock so that the array stays this array) takes pointers by
// writing null over them: to the thread, a null is the floor, and its slow path waits for the lock.
//
// steal(): (1) exchange every slot below top for null; (2) a barrier on all threads: from here on
// the thread sees the nulls, and a pop that has read its slot has lowered the top in memory;
// (3) read top; (4) a second barrier, so that what the thread wrote before that top is visible;
// (5) a slot is ours if it lies below that top and is still null: had the thread popped it earlier,
// it could only have got above it again by writing it. If it was written again, the thread has had
// our pointer, which is forgotten; if it does not lie below, a pop or a push may be under way
// there, and the pointer goes back into its slot. A pop that finds null raises the top again, and
// so finds, behind the lock, what went back.
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
    SlotT* at = own_look(tops[index]);
    if constexpr (kPlainTop) {
      TAMARI_TOP_DOWN(tops[index]);
    } else {
      tops[index].store(at - 1, std::memory_order_relaxed);
    }
    std::atomic_signal_fence(std::memory_order_seq_cst);
    void* block = at[-1].load(std::memory_order_relaxed);
    TAMARI_RETURNED(block);
    if (TAMARI_UNLIKELY(block == nullptr)) undo_pop(tops, index, at);
    return block;
  }

  // The slot must come before the top: a stranger takes what lies below top and reads as null, and
  // a fork child may see any prefix of these steps. (Release: a stranger who takes the pointer sees
  // what the thread did to the block; pairs with mark().)
  static TAMARI_INLINE void push(Top& top, SlotT* at, void* block) {
    at->store(block, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
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

  // How many slots lie below a top. That of a pop which is finding the floor lies below them all.
  static size_t filled(const SlotT* top, const SlotT* slots) {
    return top > slots ? static_cast<size_t>(top - slots) : 0;
  }

  // Step 1: moves the slots below top to `taken`, leaving nulls. Returns how many there were.
  template <class Out>
  static size_t mark(const Top& top, SlotT* slots, Out* taken) {
    const size_t count = filled(look(top), slots);
    for (size_t i = 0; i < count; ++i) {
      taken[i].store(slots[i].exchange(nullptr, std::memory_order_acquire),
                     std::memory_order_relaxed);
    }
    return count;
  }

  // Step 5: compacts `taken` to the pointers that are ours now, and returns their number. `top` is
  // what was read between the barriers. From there up those pointers go back to where they were, if
  // nothing else is there: nobody sees them but a pop that is under way.
  template <class Out>
  static size_t settle(const SlotT* top, SlotT* slots, Out* taken, size_t looked_at) {
    const size_t below = filled(top, slots);
    size_t ours = 0;
    for (size_t i = 0; i < looked_at; ++i) {
      void* block = taken[i].load(std::memory_order_relaxed);
      if (block == nullptr) continue;
      void* expected = nullptr;
      if (i >= below) {
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
    const size_t count = filled(look(top), slots);
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
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

 private:
  static TAMARI_INLINE SlotT* own_look(Top& top) {
    if constexpr (kPlainTop) {
      return TAMARI_OWN_LOAD(top);
    } else {
      return top.load(std::memory_order_relaxed);
    }
  }

  // Unless a signal handler has given the class another array meanwhile.
  template <class Tops>
  static TAMARI_INLINE void undo_pop(Tops& tops, size_t index, SlotT* at) {
    __asm__("" : "+r"(index));  // or gcc computes the address apart, in hits as well
    if (own_look(tops[index]) != at - 1) return;
    if constexpr (kPlainTop) {
      TAMARI_OWN_STORE(tops[index], at);
    } else {
      tops[index].store(at, std::memory_order_relaxed);
    }
  }
};

}  // namespace tamari
