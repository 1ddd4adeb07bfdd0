// batch_stack.h - a lock-free stack of batches, any number of pushers and poppers.
//
// Stashes, the transfer cache and the pool of empty batches are
// all this stack. Treiber's stack (IBM RJ 5118, 1986) over indices; head and a tag that
// changes with every operation share one 64-bit word, so a popper that slept cannot be fooled by an
// index that went and came back (the tag would have to wrap 2^32 operations meanwhile).
//
// Batches are never unmapped, so reading the link of a batch that somebody else just took is
// harmless: the compare-and-swap then fails. Whoever takes a batch owns it and its contents: a push
// releases, a pop acquires, and since every change of the word is a read-modify-write, each pop
// synchronises with the push of the very batch it takes, whatever came between.
//
// `Word` is std::atomic<uint64_t> here and a scheduled atomic in tests/model.
#pragma once

#include <atomic>
#include <cstdint>

namespace tamari {

template <class Word>
class BatchStack {
 public:
  // `links.next(i)` is the atomic link of batch i.
  template <class Links>
  void push(Links& links, uint32_t index) {
    push_chain(links, index, index);
  }

  // Pushes the chain first -> ... -> last, which the caller has linked.
  template <class Links>
  void push_chain(Links& links, uint32_t first, uint32_t last) {
    uint64_t head = head_.load(std::memory_order_relaxed);
    do {
      links.next(last).store(index_of(head), std::memory_order_relaxed);
    } while (!head_.compare_exchange_weak(head, successor(head, first), std::memory_order_release,
                                          std::memory_order_relaxed));
  }

  // The newest batch, or 0.
  template <class Links>
  uint32_t pop(Links& links) {
    uint64_t head = head_.load(std::memory_order_acquire);  // pairs with push: the link is current
    while (index_of(head) != 0) {
      const uint32_t below = links.next(index_of(head)).load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, successor(head, below), std::memory_order_acquire,
                                      std::memory_order_acquire)) {
        return index_of(head);
      }
    }
    return 0;
  }

  // Everything, as a chain from the newest, or 0.
  uint32_t pop_all() {
    uint64_t head = head_.load(std::memory_order_relaxed);
    while (index_of(head) != 0) {
      if (head_.compare_exchange_weak(head, successor(head, 0), std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return index_of(head);
      }
    }
    return 0;
  }

  // The newest batch, or 0; anybody may take it at once.
  uint32_t look() const { return index_of(head_.load(std::memory_order_acquire)); }

  bool looks_empty() const { return index_of(head_.load(std::memory_order_relaxed)) == 0; }

 private:
  static uint32_t index_of(uint64_t head) { return static_cast<uint32_t>(head); }
  static uint64_t successor(uint64_t head, uint32_t index) {
    return ((head >> 32) + 1) << 32 | index;
  }

  Word head_{0};  // tag in the upper half, index in the lower
};

}  // namespace tamari
