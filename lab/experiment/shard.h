// A part of an experiment that one machine carries out: whole blocks, so that no pair of samples
// straddles two machines.
#pragma once

#include <cstddef>
#include <string>

#include "lab/experiment/plan.h"

namespace tamari::lab {

// Shard k of n takes the blocks with (block % n) == k - 1. A stage for winners only waits until all
// shards are joined.
struct Shard {
  std::size_t k = 1;
  std::size_t n = 1;

  bool whole() const { return n == 1; }
  bool takes(std::size_t block) const { return block % n == k - 1; }
  bool operator==(const Shard&) const = default;
};

// "2/4". A CommandError shows how to write it.
Shard parse_shard(const std::string& text);
std::string shard_words(const Shard& shard);

// A CommandError says why the plan cannot be divided so.
void check_shard(const Plan& plan, const Shard& shard);

// How many blocks of the stage the shards take between them: none of a stage for winners.
std::size_t sharded_blocks(const Stage& stage);

}  // namespace tamari::lab
