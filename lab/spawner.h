// A small process that starts children for this one. Linux counts the memory of whoever forks
// towards the peak that wait4 reports of the child, for ever: a laboratory that has grown to 60 MiB
// would see no smaller peak. A spawner made early stays small.
#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace tamari::lab {

struct Launch {
  std::vector<std::string> argv;  // argv[0] is a path
  std::vector<std::string> environment;
  std::optional<cpu_set_t> cpus;
};

struct LaunchEnd {
  int wait_status = 0;
  double wall_s = 0;
  rusage usage{};  // of the child and of those descendants that were waited for
};

// One child at a time, in a process group of its own, with /dev/null as standard input. When the
// child has ended, whatever is left of its group is killed. The spawner and its child die with the
// process that made the spawner.
class Spawner {
 public:
  Spawner();  // throws CommandError if this process cannot fork
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  // The id of the child, which has got past exec. None if there can be no more processes.
  std::optional<pid_t> start(const Launch& launch, int out, int err);

  // Becomes readable when the child has ended.
  int end_file() const { return socket_; }

  // Waits for the end of the child that was started last.
  LaunchEnd wait();

 private:
  int socket_ = -1;
  pid_t server_ = -1;
};

}  // namespace tamari::lab
