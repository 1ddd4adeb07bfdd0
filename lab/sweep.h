// `tamari sweep`: the experiment that a file describes, its stages and its verdict.
#pragma once

#include <string>

#include "lab/experiment/publish.h"

namespace tamari::lab {

struct SweepOptions {
  std::string file;
  bool check = false;       // validate, say how long it will take, and stop
  bool no_measure = false;  // of --check: guess instead of running a sample of each workload
  std::string out;
  std::string resume;
  std::string library;  // of tamari's arms; empty: searched
  ReportFiles files;
};

// Returns the exit status, of ExperimentStatus.
int sweep(const SweepOptions& options);

}  // namespace tamari::lab
