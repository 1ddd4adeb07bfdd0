// See machine_id.h.
#include "lab/experiment/machine_id.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <cstdint>
#include <fstream>

namespace tamari::lab {
namespace {

// FNV-1a: stable for ever and everywhere, which std::hash does not promise.
std::uint64_t hash(const std::string& text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) {
    value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return value;
}

}  // namespace

// The installation's id alone is shared by containers of one image, the host's name by no two.
std::string machine_id(const Machine& machine) {
  std::ifstream file("/etc/machine-id");
  std::string installation;
  std::getline(file, installation);
  utsname name{};
  uname(&name);
  return fmt::format("m{:016x}", hash(installation + "\n" + name.nodename + "\n" +
                                      machine.cpu_model + "\n" + machine.memory));
}

}  // namespace tamari::lab
