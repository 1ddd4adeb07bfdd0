// See environment.h.
#include "lab/environment.h"

#include <fmt/chrono.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "lab/control_group.h"
#include "lab/cpu_list.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The value of the first "key : value" line.
std::string value_of(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(key, 0) == 0) return trim(line.substr(line.find(':') + 1));
  }
  return {};
}

std::string kernel() {
  utsname name{};
  uname(&name);
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

}  // namespace

unsigned allowed_cpus() {
  const cpu_set_t cpus = allowed_cpu_set();
  return static_cast<unsigned>(CPU_COUNT(&cpus));
}

std::uint64_t available_memory_kib() {
  constexpr std::uint64_t kKiB = 1024;
  const std::uint64_t available =
      std::strtoull(value_of("/proc/meminfo", "MemAvailable").c_str(), nullptr, 10);
  const auto limit = limits_of_process("/proc/self").memory_bytes;
  return limit ? std::min(available, *limit / kKiB) : available;
}

Machine describe_machine() {
  Machine machine;
  machine.kernel = kernel();
  machine.cpu_model = value_of("/proc/cpuinfo", "model name");
  machine.cpus_online = static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN));
  machine.cpus_allowed = allowed_cpus();
  machine.cpu_list = format_cpu_list(allowed_cpu_set());
  machine.memory = value_of("/proc/meminfo", "MemTotal");
  refresh(machine);
  return machine;
}

void refresh(Machine& machine) {
  machine.huge_pages = first_line("/sys/kernel/mm/transparent_hugepage/enabled");
  machine.governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  machine.load_average = first_line("/proc/loadavg");
  machine.date = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

std::string utc_now() {
  using std::chrono::duration_cast;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = duration_cast<std::chrono::milliseconds>(since_epoch).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::time_t{ms / 1000}), ms % 1000);
}

}  // namespace tamari::lab
