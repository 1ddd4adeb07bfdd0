// What the control group of a process lets it have.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace tamari::lab {

struct GroupLimits {
  bool readable = false;
  std::optional<std::uint64_t> memory_bytes;  // none: no limit
  std::optional<double> cpus;
};

// Of a group and of those that it lies in, whichever is tighter. `root`: where control groups are
// mounted; `group`: as /proc/PID/cgroup names it, "/a/b".
GroupLimits group_limits(const std::string& root, const std::string& group);

// `process`: its folder, such as /proc/self.
GroupLimits limits_of_process(const std::string& process);

}  // namespace tamari::lab
