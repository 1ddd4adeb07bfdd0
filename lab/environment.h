// What a reader must know of the machine to judge a figure.
#pragma once

#include <cstdint>
#include <string>

namespace tamari::lab {

// Empty strings are unknown.
struct Machine {
  std::string kernel;
  std::string cpu_model;
  unsigned cpus_online = 0;
  unsigned cpus_allowed = 0;  // of this process's affinity mask
  std::string cpu_list;       // the same as a list: 0-3,8
  std::string memory;         // MemTotal as /proc/meminfo prints it
  std::string huge_pages;     // transparent huge pages: the whole line, [chosen]
  std::string governor;
  std::string load_average;
  std::string date;  // UTC, ISO 8601
};

Machine describe_machine();

// Reads again what may change from one sample to the next: load, governor, huge pages, date.
void refresh(Machine& machine);

// UTC, ISO 8601 with milliseconds.
std::string utc_now();

// What the kernel says could be allocated now, less where the control group has a limit; 0 if it
// does not say.
std::uint64_t available_memory_kib();

// CPUs that this process may use.
unsigned allowed_cpus();

}  // namespace tamari::lab
