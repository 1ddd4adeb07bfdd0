// memory.h - the words of one execution: every store to each, and which of them a thread may read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "scheduler.h"

namespace model {

inline void join(Clock& into, const Clock& from) {
  for (size_t i = 0; i < kMostThreads; ++i) into[i] = std::max(into[i], from[i]);
}

struct Store {
  uint64_t value;
  size_t writer;
  uint32_t time;  // of the writer; 0: before the threads started
  Clock release;  // what an acquiring reader gets to know
};

struct Word {
  std::vector<Store> stores;                // in modification order
  std::array<size_t, kMostThreads> seen{};  // the newest store that each thread has read or written

  // The oldest store that `thread`, which knows `clock`, may still read.
  size_t oldest_readable(size_t thread, const Clock& clock) const {
    for (size_t i = stores.size() - 1; i > seen[thread]; --i) {
      if (clock[stores[i].writer] >= stores[i].time) return i;
    }
    return seen[thread];
  }
};

// What one thread knows.
struct View {
  Clock clock{};
  Clock unacquired{};  // from relaxed reads, for a later acquire fence
  Clock released{};    // at the last release fence, for later relaxed stores
};

class Words {
 public:
  Word& at(const void* address, uint64_t in_place) {
    Word& word = words_[address];
    if (word.stores.empty()) word.stores.push_back({in_place, 0, 0, {}});
    return word;
  }
  void forget(const void* address) { words_.erase(address); }
  void clear() { words_.clear(); }

 private:
  std::unordered_map<const void*, Word> words_;
};

}  // namespace model
