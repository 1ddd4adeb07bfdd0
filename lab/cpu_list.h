// CPU lists as taskset -c and the kernel write them: 0,4-7,8-15:2.
#pragma once

#include <sched.h>

#include <string>

namespace tamari::lab {

// A list that cannot be read, or names a CPU that this process may not use, is a CommandError.
cpu_set_t parse_cpu_list(const std::string& text);

std::string format_cpu_list(const cpu_set_t& cpus);

// The CPUs that this process may use.
cpu_set_t allowed_cpu_set();

}  // namespace tamari::lab
