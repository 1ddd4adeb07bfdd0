// See snapshot.h.
#include "lab/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::json;

constexpr int kSchema = 1;
constexpr char kResident[] = "resident";
constexpr char kHowToGetOne[] = "TAMARI_CONF=stats_at_exit=json:PATH writes one";

[[noreturn]] void refuse(const std::string& message) { throw CommandError(kUsage, message); }

bool is_layer(const Json& value) { return value.is_null() || value.is_number_unsigned(); }

Json parse_json(const std::string& text, const std::string& name) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    refuse(fmt::format("{} is not JSON, so no snapshot of tamari; {}", name, kHowToGetOne));
  }
  const bool known = json.is_object() && json.contains("schema") &&
                     json["schema"].is_number_integer() && json.contains("version") &&
                     json["version"].is_string();
  if (!known) refuse(fmt::format("{} is not a snapshot of tamari; {}", name, kHowToGetOne));
  if (json["schema"] != kSchema) {
    refuse(fmt::format("{} has schema {}, and this tamari reads schema {}", name,
                       json["schema"].dump(), kSchema));
  }
  return json;
}

Snapshot::Layers layers_of(const Json& json, const std::string& name) {
  if (!json.contains("layers")) {
    refuse(fmt::format("{} has no layers: tamari {} is too old to say where memory is", name,
                       json["version"].get<std::string>()));
  }
  const Json& layers = json["layers"];
  const bool good = layers.is_object() && std::all_of(layers.begin(), layers.end(), is_layer);
  if (!good) refuse(fmt::format("{} is damaged: its layers are not numbers", name));
  Snapshot::Layers found;
  for (const auto& [key, value] : layers.items()) {
    found[key] = value.is_null() ? std::nullopt : std::optional(value.get<std::uint64_t>());
  }
  return found;
}

// A member that has a word or a number for each key.
std::map<std::string, std::string> words_of(const Json& json, const char* member) {
  std::map<std::string, std::string> words;
  const Json values = json.value(member, Json::object());
  for (const auto& [key, value] : values.items()) {
    words[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return words;
}

std::string read_all(std::istream& stream) {
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

std::uint64_t Snapshot::bytes(const std::string& layer) const {
  const auto found = layers.find(layer);
  return found == layers.end() ? 0 : found->second.value_or(0);
}

bool Snapshot::is_known(const std::string& layer) const {
  const auto found = layers.find(layer);
  return found != layers.end() && found->second.has_value();
}

Snapshot parse_snapshot(const std::string& text, const std::string& name) {
  const Json json = parse_json(text, name);
  Snapshot snapshot;
  snapshot.version = json["version"].get<std::string>();
  snapshot.layers = layers_of(json, name);
  snapshot.resident = snapshot.bytes(kResident);
  if (snapshot.resident == 0) {
    refuse(
        fmt::format("{} does not say what is resident: the process's kernel did not tell", name));
  }
  snapshot.settings = words_of(json, "effective");
  snapshot.origins = words_of(json, "origin");
  return snapshot;
}

Snapshot read_snapshot(const std::string& path) {
  if (path == "-") return parse_snapshot(read_all(std::cin), "standard input");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  stream.peek();  // a folder can be opened, but not read
  if (!stream.is_open() || stream.bad()) {
    refuse(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
  return parse_snapshot(read_all(stream), path);
}

}  // namespace tamari::lab
