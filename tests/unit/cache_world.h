// cache_world.h - two owners over the fake os, played by one thread.
#pragma once

#include <vector>

#include "world.h"

namespace tamari {

struct CacheWorld : World {
  explicit CacheWorld(size_t most_reserved = kSmallWindow) : World(most_reserved) {
    if (!start()) __builtin_trap();
    a = owners.attach(shared);
    b = owners.attach(shared);
  }

  static void* allocate(Owner& owner, size_t c) {
    void* block = owner.cache.pop(c);
    return block != nullptr ? block : owner.cache.refill_and_pop(c);
  }
  static void free(Owner& owner, size_t c, void* block) {
    Slot* top = owner.cache.top[c];
    if (top < owner.cache.limit[c]) {
      BlockStack::push(owner.cache.top[c], top, block);
    } else {
      owner.cache.push_slow(c, block);
    }
  }
  static std::vector<void*> allocate(Owner& owner, size_t c, size_t count) {
    std::vector<void*> blocks(count);
    for (void*& block : blocks) block = allocate(owner, c);
    return blocks;
  }
  // Allocates until the next allocation would miss.
  static void use_up(Owner& owner, size_t c, std::vector<void*>& blocks) {
    while (owner.cache.top[c][-1].load() != nullptr) blocks.push_back(allocate(owner, c));
  }
  static uint64_t count(const Owner& owner, Counter name) {
    return owner.counters.get(static_cast<size_t>(name));
  }

  // Hands everything back; pages that stay in use hold a block that was lost.
  size_t pages_left() {
    for (int round = 0; round < 2; ++round) {  // the first may send blocks to an owner already done
      for (uint32_t id = 1; id < owners.count(); ++id) owners.at(id).cache.empty();
    }
    TransferCache::Account account;
    for (size_t c = 1; c < kClassCount; ++c) {
      while (Batch* batch = shared.transfer.remove(c, account))
        shared.send_to_spans(c, batch, owners.nobody().counters);
    }
    return shared.pages.pages_in_use();
  }

  bool steal(Owner& owner) { return owner.cache.steal(owners.nobody().counters, thefts, stolen); }

  ThreadCache::Thefts thefts{};
  size_t stolen = 0;  // bytes, by the last steal()
  Owner* a;
  Owner* b;
};

}  // namespace tamari
