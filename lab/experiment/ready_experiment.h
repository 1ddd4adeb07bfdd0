// All that is made ready before the first sample, in the order in which it can be refused.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/experiment/arms.h"
#include "lab/experiment/exit_statistics.h"
#include "lab/experiment/folder_header.h"
#include "lab/experiment/ready_workload.h"
#include "lab/experiment/runner.h"
#include "lab/experiment/sampler.h"
#include "lab/spawner.h"

namespace tamari::lab {

struct ReadyExperiment {
  ReadyExperiment(const Plan& plan, const Shard& shard);
  ReadyExperiment(const ReadyExperiment&) = delete;
  ReadyExperiment& operator=(const ReadyExperiment&) = delete;

  FolderHeader header(const Plan& plan, const Shard& shard) const;

  // Throws CommandError if a library or a program is no longer the file that was made ready.
  void refuse_changed_files() const;

  Spawner spawner;  // first: while this process is small
  StatisticsFolder statistics;
  Machine machine;
  std::string machine_name;  // its id
  std::vector<ReadyArm> arms;
  std::vector<ReadyWorkload> workloads;
  Sampler sampler;

 private:
  // Changes whenever the file is written or replaced.
  struct Stamp {
    std::string path;
    FileIdentity identity;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp(const std::string& path);

  std::vector<Stamp> stamps_;
};

// The most blocks that a stage can have.
std::size_t most_blocks(const Stage& stage);

// What the whole experiment may take on the disk.
std::uint64_t expected_bytes(const Plan& plan);

}  // namespace tamari::lab
