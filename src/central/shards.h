// shards.h - owners are spread over a few shards. Each shard has stores of its own where threads
// that work by themselves would else meet, and take blocks that another processor's caches hold.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tamari {

constexpr size_t kShards = 8;

// Ids count from 1. Nobody's is the first owner's.
constexpr size_t shard_of(uint32_t owner) { return (owner == 0 ? 0 : owner - 1) % kShards; }

}  // namespace tamari
