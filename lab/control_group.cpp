// See control_group.h.
#include "lab/control_group.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tamari::lab {
namespace {

namespace fs = std::filesystem;

constexpr char kRoot[] = "/sys/fs/cgroup";
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;  // version 1 says a huge number instead

template <typename Value>
void tighten(std::optional<Value>& limit, Value value) {
  limit = limit ? std::min(*limit, value) : value;
}

// "max" is no limit, and neither is what cannot be read.
void read_memory_limit(const fs::path& file, GroupLimits& limits) {
  std::ifstream stream(file);
  std::string word;
  if (!(stream >> word)) return;
  limits.readable = true;
  const std::uint64_t bytes = std::strtoull(word.c_str(), nullptr, 10);
  if (bytes > 0 && bytes < kNoLimit) tighten(limits.memory_bytes, bytes);
}

// "QUOTA PERIOD": time on processors in each period.
void read_processor_limit(const fs::path& file, GroupLimits& limits) {
  std::ifstream stream(file);
  std::string quota;
  double period = 0;
  if (!(stream >> quota >> period)) return;
  limits.readable = true;
  const double time = std::strtod(quota.c_str(), nullptr);
  if (time > 0 && period > 0) tighten(limits.cpus, time / period);
}

// The group of version 2, as the process's file has it; the root if there is none.
std::string group_of(const std::string& process) {
  constexpr char kVersion2[] = "0::";
  std::ifstream file(process + "/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(kVersion2, 0) == 0) return line.substr(sizeof kVersion2 - 1);
  }
  return "/";
}

}  // namespace

GroupLimits group_limits(const std::string& root, const std::string& group) {
  GroupLimits limits;
  read_memory_limit(fs::path(root) / "memory/memory.limit_in_bytes", limits);
  fs::path folder = root;
  const auto read_folder = [&limits, &folder] {
    read_memory_limit(folder / "memory.max", limits);
    read_processor_limit(folder / "cpu.max", limits);
  };
  read_folder();
  for (const fs::path& part : fs::path(group).relative_path()) {
    if (part == "..")
      break;  // seen from another name space: the group lies outside of what is mounted
    folder /= part;
    read_folder();
  }
  return limits;
}

GroupLimits limits_of_process(const std::string& process) {
  return group_limits(kRoot, group_of(process));
}

}  // namespace tamari::lab
