// A child process: its environment, its output, its resources, its limits, and the proof that it
// has mapped the library that it is supposed to run with.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace tamari::lab {

// A file by what it is, not by what it is called.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

std::optional<FileIdentity> identify(const std::string& path);

struct EnvironmentChange {
  std::string name;
  std::optional<std::string> value;  // none removes the variable
};

struct ChildRequest {
  std::vector<std::string> argv;  // argv[0] is a path
  std::vector<EnvironmentChange> environment;
  double timeout_s = 60;
  std::optional<FileIdentity> must_map;  // looked for in /proc/PID/maps while the child runs
};

struct ChildResult {
  int wait_status = -1;
  bool started = false;
  bool timed_out = false;
  bool interrupted = false;
  bool mapped = false;
  double wall_s = 0;
  std::string out;
  std::string err;

  // The exit status; none if a signal ended it.
  std::optional<int> exit_status() const;
  // Empty if it ran to its end with status 0.
  std::string failure() const;
};

// The current environment with the changes applied, as NAME=VALUE.
std::vector<std::string> merged_environment(const std::vector<EnvironmentChange>& changes);

// Runs to the end; standard input is /dev/null.
ChildResult run_child(const ChildRequest& request);

// SIGINT and SIGTERM set a flag instead of ending the process; run_child then kills its child.
void catch_interrupts();
bool interrupted();

}  // namespace tamari::lab
