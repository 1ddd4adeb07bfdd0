// line_owners.h - who took each cache line of a span that several owners have taken blocks from.
// Records for spans of one page of blocks below a cache line, from a pool: few spans have one.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "central/batch_stack.h"
#include "pages/arena.h"
#include "platform/lock.h"

namespace tamari {

struct LineOwners {
  std::atomic<uint32_t> next;
  std::atomic<uint16_t> lines[kLinesPerPage];  // owners' ids, as far as they fit
};

class LineOwnersPool {
 public:
  constexpr explicit LineOwnersPool(Arena& arena) : arena_(arena) {}

  // A record in which all lines are `owner`'s; 0 when the kernel gives no memory for one.
  uint32_t acquire(uint32_t owner);
  void release(uint32_t index) { free_.push(*this, index); }

  LineOwners& at(uint32_t index) {
    return reinterpret_cast<LineOwners*>(arena_.line_owners().base())[index];
  }
  std::atomic<uint32_t>& next(uint32_t index) { return at(index).next; }  // for BatchStack

  bool is_mine() const { return lock_.is_mine(); }
  void reset_after_fork(Whose whose) { lock_.reset_after_fork(whose); }

 private:
  uint32_t make();

  Arena& arena_;
  BatchStack<std::atomic<uint64_t>> free_;
  Lock lock_;
  uint32_t made_ = 1;  // index 0 is none
};

}  // namespace tamari
