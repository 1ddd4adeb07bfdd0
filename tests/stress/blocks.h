// blocks.h - blocks with stamps: who made it and the how-manieth, at both ends and in between, so
// that a block that two have at once, or that somebody wrote to after its free, gives itself away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "heap/allocate.h"

namespace stress {

struct Block {
  uint64_t* words;
  size_t bytes;
  uint64_t stamp;
};

// ThreadSanitizer ends its own record of a thread in the last round of thread-specific data; the
// allocator, which also waits for that round, must then be done. Last thing of a thread.
inline void prepare_exit() {
#if defined(__SANITIZE_THREAD__)
  if (tamari::Owner* owner = tamari::current_owner()) owner->exit_rounds = 2;
#endif
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1) {}
  uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1D >> 8;
  }
  size_t below(size_t limit) { return next() % limit; }

 private:
  uint64_t state_;
};

// Every 8th word or so, the first and the last.
template <class F>
void for_each_stamp(const Block& block, F f) {
  const size_t words = block.bytes / sizeof(uint64_t);
  for (size_t i = 0; i < words; i += 1 + words / 8) f(i);
  f(words - 1);
}

inline Block make_block(size_t bytes, uint64_t stamp) {
  Block block{static_cast<uint64_t*>(tamari::allocate(bytes)), bytes, stamp};
  if (block.words == nullptr) std::abort();
  for_each_stamp(block, [&](size_t i) { block.words[i] = stamp ^ i; });
  return block;
}

inline void end_block(const Block& block) {
  for_each_stamp(block, [&](size_t i) {
    if (block.words[i] == (block.stamp ^ i)) return;
    std::fprintf(stderr, "block %p of %zu bytes, stamp %#lx, holds %#lx at word %zu\n",
                 static_cast<void*>(block.words), block.bytes, block.stamp, block.words[i], i);
    std::abort();
  });
  tamari::deallocate(block.words);
}

// Blocks on their way to a thread.
class Mailbox {
 public:
  void put(const Block& block) {
    std::lock_guard guard(mutex_);
    blocks_.push_back(block);
  }
  std::vector<Block> take() {
    std::lock_guard guard(mutex_);
    return std::move(blocks_);
  }

 private:
  std::mutex mutex_;
  std::vector<Block> blocks_;
};

}  // namespace stress
