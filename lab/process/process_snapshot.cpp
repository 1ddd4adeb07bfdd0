// See process_snapshot.h.
#include "lab/process/process_snapshot.h"

#include <algorithm>

#include "lab/process/find_outline.h"
#include "lab/process/process_layers.h"
#include "lab/process/process_memory.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// As the library prints it: src/config/tunables.cpp. A unit "a|b|c:N" names values.
std::string value_words(std::uint64_t value, const std::string& unit) {
  constexpr std::string_view kCounted = ":N";
  const std::vector<std::string> names = split(unit, '|');
  if (names.size() < 2) return std::to_string(value);
  const std::uint64_t place = std::min<std::uint64_t>(value, names.size() - 1);
  std::string name = names[place];
  if (!name.ends_with(kCounted)) return name;
  name.pop_back();
  return name + std::to_string(value - place);
}

std::map<std::string, std::string> settings_of(const ProcessMemory& memory,
                                               const Outline& outline) {
  std::map<std::string, std::string> settings;
  for (std::size_t i = 0; i < outline.setting_count; ++i) {
    const std::uint64_t row = address_of(outline.setting_rows) + i * outline.setting_bytes;
    const auto text_at = [&](std::size_t at) {
      return memory.get_string(memory.get<std::uint64_t>(row + at));
    };
    const std::uint64_t value_at = address_of(outline.setting_values) + i * sizeof(std::uint64_t);
    settings[text_at(outline.setting_name_at)] =
        value_words(memory.get<std::uint64_t>(value_at), text_at(outline.setting_unit_at));
  }
  return settings;
}

}  // namespace

Snapshot snapshot_of_process(pid_t pid) {
  const ProcessMemory memory(pid);
  const Outline outline = find_outline(memory);
  Snapshot snapshot;
  snapshot.version = memory.get_string(address_of(outline.head.version));
  snapshot.settings = settings_of(memory, outline);
  snapshot.layers = layers_of_process(memory, outline, snapshot.settings["check"] == "all");
  snapshot.resident = snapshot.bytes("resident");
  return snapshot;
}

}  // namespace tamari::lab
