// A child process: its environment, its output, its resources, its limits, and the proof that it
// has mapped the library that it is supposed to run with.
//
// The figures are of the child and of those descendants that were waited for: times, faults and
// switches are sums over them, the peak is that of the largest. Output past 64 MiB of a stream
// fails the child.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace tamari::lab {

class Spawner;

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
  std::optional<cpu_set_t> cpus;
  Spawner* spawner = nullptr;  // null: one of its own, as large as this process is now
};

struct Usage {
  double user_s = 0;
  double system_s = 0;
  double peak_kib = 0;
  double minor_faults = 0;
  double major_faults = 0;
  double context_switches = 0;  // voluntary and not
};

struct ChildResult {
  pid_t pid = -1;
  int wait_status = -1;
  bool started = false;
  bool timed_out = false;
  bool interrupted = false;
  bool flooded = false;  // more output than is kept
  bool mapped = false;
  double wall_s = 0;
  std::optional<Usage> usage;
  std::string out;
  std::string err;

  // The exit status; none if a signal ended it.
  std::optional<int> exit_status() const;
  // Empty if it ran to its end with status 0.
  std::string failure() const;
};

// The current environment with the changes applied, as NAME=VALUE.
std::vector<std::string> merged_environment(const std::vector<EnvironmentChange>& changes);

// Runs to the end, which is that of the child itself: at the limit its whole process group is
// killed, and at its end whatever it has left behind. Standard input is /dev/null.
ChildResult run_child(const ChildRequest& request);

// SIGINT and SIGTERM set a flag instead of ending the process; run_child then kills its child.
void catch_interrupts();
bool interrupted();

}  // namespace tamari::lab
