#include "central/line_owners.h"

namespace tamari {

uint32_t LineOwnersPool::make() {
  LockGuard guard(lock_);
  return arena_.line_owners().commit(made_ + 1) ? made_++ : 0;
}

uint32_t LineOwnersPool::acquire(uint32_t owner) {
  uint32_t index = free_.pop(*this);
  if (index == 0) index = make();
  if (index == 0) return 0;
  for (std::atomic<uint16_t>& line : at(index).lines)
    line.store(static_cast<uint16_t>(owner), std::memory_order_relaxed);
  return index;
}

}  // namespace tamari
