// `tamari explain`: where a process's resident memory is, layer by layer, and which setting changes
// it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "lab/run.h"
#include "lab/snapshot.h"

namespace tamari::lab {

struct ExplainOptions {
  std::string file;              // a snapshot; "-": standard input. Or else
  std::optional<pid_t> process;  // one that runs. Or else
  RunOptions run;                // a program to run
  bool json = false;
};

// A tree for a terminal.
std::string explain_as_text(const Snapshot& snapshot);
// Schema tamari.explain/1.
std::string explain_as_json(const Snapshot& snapshot);

// Prints the one or the other. Returns the exit status.
int explain(const ExplainOptions& options);

}  // namespace tamari::lab
