// See process_usage.h.
#include "process_usage.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace tamari::bench {
namespace {

std::int64_t status_value(const char* status, const char* key) {
  const char* line = std::strstr(status, key);
  return line == nullptr ? kUnknown : std::strtoll(line + std::strlen(key), nullptr, 10);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

Memory read_memory() {
  const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  char status[8192];
  std::size_t length = 0;
  for (;;) {
    const ssize_t n = read(file, status + length, sizeof status - 1 - length);
    if (n <= 0) break;
    length += static_cast<std::size_t>(n);
  }
  close(file);
  status[length] = '\0';
  return {status_value(status, "\nVmRSS:"), status_value(status, "\nVmHWM:")};
}

Usage read_usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_minflt,
          usage.ru_majflt,         usage.ru_nvcsw,          usage.ru_nivcsw};
}

Usage operator-(const Usage& later, const Usage& earlier) {
  return {later.user_s - earlier.user_s,
          later.sys_s - earlier.sys_s,
          later.minor_faults - earlier.minor_faults,
          later.major_faults - earlier.major_faults,
          later.voluntary_switches - earlier.voluntary_switches,
          later.involuntary_switches - earlier.involuntary_switches};
}

}  // namespace tamari::bench
