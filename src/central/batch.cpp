#include "central/batch.h"

namespace tamari {

Batch* BatchPool::acquire(uint32_t user) {
  for (uint32_t i = 0; i < kHomes; ++i) {
    const uint32_t index = home_of(user + i).pop(*this);
    if (index != 0) return at(index);
  }
  LockGuard guard(lock_);
  if (!arena_.batches().commit(made_ + 1)) return nullptr;
  return at(made_++);
}

TAMARI_RACY_READ size_t BatchPool::count_seen(const Batch& batch) { return batch.count; }

}  // namespace tamari
