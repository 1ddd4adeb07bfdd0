// The file by which an existing scheduler carries out an experiment: a job for each shard, a whole
// machine at a time, and one that joins them.
#pragma once

#include <cstddef>
#include <string>

#include "lab/experiment/plan.h"

namespace tamari::lab {

struct JobRequest {
  std::string program;  // the tamari command, as the machines find it
  std::string file;     // the experiment
  std::string library;  // of tamari's arms; empty: searched
  std::string folder;   // that all machines share
  std::string start;    // the folder from which names in the experiment are meant
  std::size_t shards = 1;
};

// `scheduler`: slurm, parallel or k8s; another one is a CommandError.
std::string job_file(const std::string& scheduler, const JobRequest& request, const Plan& plan);

}  // namespace tamari::lab
