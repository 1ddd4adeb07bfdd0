// `tamari sweep`: the experiment that a file describes, its stages and its verdict.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lab/experiment/publish.h"

namespace tamari::lab {

struct SweepOptions {
  std::string file;
  bool check = false;       // validate, say how long it will take, and stop
  bool no_measure = false;  // of --check: guess instead of running a sample of each workload
  std::string out;
  std::string resume;
  std::string library;             // of tamari's arms; empty: searched
  std::string shard;               // K/N: that part of the blocks
  std::vector<std::string> merge;  // folders of shards to be joined
  std::string emit;                // a scheduler: print its job file
  std::size_t shards = 0;          // of --emit
  ReportFiles files;
};

// Returns the exit status, of ExperimentStatus.
int sweep(const SweepOptions& options);

}  // namespace tamari::lab
