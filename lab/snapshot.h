// A snapshot: the layers of a process's resident memory, and the settings in force. The library
// wrote it (stats_at_exit=json:PATH, tamari_stats_json()), or lab/process took it from outside.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tamari::lab {

struct Snapshot {
  using Layers = std::map<std::string, std::optional<std::uint64_t>>;  // bytes; none: unknown

  std::string version;                          // of the library
  std::map<std::string, std::string> settings;  // key to value, as the library prints it
  std::map<std::string, std::string> origins;   // key to "default", "environment", ...; if known
  Layers layers;                                // by the names of docs/counters.md
  std::uint64_t resident = 0;

  // 0 if unknown.
  std::uint64_t bytes(const std::string& layer) const;
  bool is_known(const std::string& layer) const;
};

// `name`: what messages call the text. A CommandError says why it is no snapshot with layers.
Snapshot parse_snapshot(const std::string& text, const std::string& name);

// "-" is standard input. A CommandError if it cannot be read, or as above.
Snapshot read_snapshot(const std::string& path);

}  // namespace tamari::lab
