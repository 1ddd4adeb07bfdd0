// What is asked of folders before they are joined. Used by merge.cpp only.
#pragma once

#include <string>
#include <vector>

#include "lab/experiment/experiment_folder.h"
#include "lab/experiment/merge.h"

namespace tamari::lab {

struct ShardPart {
  std::string folder;
  FolderContents contents;

  const Shard& shard() const { return contents.header.shard; }
  const Plan& plan() const { return contents.header.plan; }
};

// Is each of them a shard?
void require_shards(const std::vector<ShardPart>& parts);

// Of one plan, with the same libraries and programs? A MeaninglessError if not.
void require_one_experiment(const std::vector<ShardPart>& parts);

// Do they make up the whole, each of them once and with all its blocks?
void require_whole(const std::vector<ShardPart>& parts);

}  // namespace tamari::lab
