// Is every block of a stage there, or does its stopping rule say enough?
#include <algorithm>
#include <limits>
#include <set>

#include "lab/experiment/judge_parts.h"
#include "lab/experiment/stopping.h"

namespace tamari::lab {
namespace {

using Block = std::pair<std::string, std::size_t>;  // machine, number

std::set<Block> blocks_of(const RecordIndex& index, std::size_t stage, std::size_t workload,
                          std::size_t arm) {
  std::set<Block> blocks;
  for (const Pair& pair : index.pairs(stage, workload, arm)) {
    blocks.emplace(pair.group->machine, pair.group->block);
  }
  return blocks;
}

// The numbers of the blocks that one machine has taken in full, failed samples included.
std::set<std::size_t> full_blocks(const RecordIndex& index, std::size_t stage, std::size_t workload,
                                  std::vector<std::size_t> arms) {
  if (const auto again = again_of(index.plan())) arms.push_back(*again);
  std::set<Block> full = blocks_of(index, stage, workload, arms.front());
  for (const std::size_t arm : arms) {
    const std::set<Block> there = blocks_of(index, stage, workload, arm);
    std::erase_if(full, [&](const Block& block) { return there.count(block) == 0; });
  }
  std::set<std::size_t> numbers;
  for (const Block& block : full) numbers.insert(block.second);
  return numbers;
}

// How many blocks the stage has in full on every workload, from the first on.
std::size_t full_rounds(const RecordIndex& index, std::size_t stage,
                        const std::vector<std::size_t>& arms) {
  std::size_t rounds = std::numeric_limits<std::size_t>::max();
  for (std::size_t workload = 0; workload < index.plan().workloads.size(); ++workload) {
    const auto numbers = full_blocks(index, stage, workload, arms);
    std::size_t own = 0;
    while (numbers.count(own) > 0) ++own;
    rounds = std::min(rounds, own);
  }
  return rounds;
}

}  // namespace

bool is_complete(const RecordIndex& index, std::size_t stage,
                 const std::vector<std::size_t>& arms) {
  if (arms.empty()) return true;
  const Stage& wanted = index.plan().stages[stage];
  const std::size_t rounds = full_rounds(index, stage, arms);
  if (!wanted.automatic) return rounds >= wanted.runs;
  if (rounds >= wanted.automatic->most) return true;
  std::vector<std::string> names;
  for (const std::size_t arm : arms) names.push_back(index.plan().arms[arm].name);
  return stops_before(index.plan(), wanted, names, index.records(), rounds);
}

}  // namespace tamari::lab
