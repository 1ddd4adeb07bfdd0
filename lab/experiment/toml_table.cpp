// See toml_table.h.
#include "lab/experiment/toml_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "lab/text.h"

namespace tamari::lab {

void TomlTable::refuse(const toml::node& where, const std::string& what) const {
  throw CommandError(kHarness, fmt::format("{}:{}: {}", source_, where.source().begin.line, what));
}

void TomlTable::allow(const std::vector<std::string>& keys) const {
  for (const auto& [name, value] : entries()) {
    if (std::find(keys.begin(), keys.end(), name) != keys.end()) continue;
    const std::string near = suggestion(name, keys);
    refuse(*value, fmt::format("unknown key '{}' in {}{}", name, place_,
                               near.empty() ? "; it takes " + join(keys, ", ") : near));
  }
}

std::optional<std::string> TomlTable::text(const std::string& key) const {
  const toml::node* value = node(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) refuse(*value, fmt::format("'{}' must be a \"text\"", key));
  return value->ref<std::string>();
}

std::optional<bool> TomlTable::truth(const std::string& key) const {
  const toml::node* value = node(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) refuse(*value, fmt::format("'{}' must be true or false", key));
  return value->ref<bool>();
}

std::optional<std::uint64_t> TomlTable::whole(const std::string& key, std::uint64_t least,
                                              std::uint64_t greatest) const {
  const toml::node* value = node(key);
  if (value == nullptr) return std::nullopt;
  const std::int64_t number = value->value_exact<std::int64_t>().value_or(-1);
  const auto magnitude = static_cast<std::uint64_t>(number);
  if (number < 0 || magnitude < least || magnitude > greatest) {
    refuse(*value, fmt::format("'{}' must be a whole number from {} to {}", key, least, greatest));
  }
  return magnitude;
}

std::optional<double> TomlTable::number(const std::string& key) const {
  const toml::node* value = node(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) refuse(*value, fmt::format("'{}' must be a number", key));
  return value->value<double>();
}

std::vector<std::string> TomlTable::texts(const std::string& key) const {
  const toml::node* value = node(key);
  if (value == nullptr) return {};
  const std::string complaint = fmt::format("'{}' must be a list of \"texts\"", key);
  if (!value->is_array()) refuse(*value, complaint);
  std::vector<std::string> list;
  for (const toml::node& element : *value->as_array()) {
    if (!element.is_string()) refuse(element, complaint);
    list.push_back(element.ref<std::string>());
  }
  return list;
}

std::optional<TomlTable> TomlTable::table(const std::string& key) const {
  const toml::node* value = node(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_table()) refuse(*value, fmt::format("'{}' must be a table", key));
  return TomlTable(*value->as_table(), source_, fmt::format("[{}]", key));
}

std::vector<TomlTable> TomlTable::tables(const std::string& key) const {
  const toml::node* value = node(key);
  if (value == nullptr) return {};
  if (value->is_table()) return {*table(key)};
  const std::string complaint = fmt::format("'{}' must be a table, written [[{}]]", key, key);
  if (!value->is_array()) refuse(*value, complaint);
  std::vector<TomlTable> list;
  for (const toml::node& element : *value->as_array()) {
    if (!element.is_table()) refuse(element, complaint);
    list.emplace_back(*element.as_table(), source_, fmt::format("[[{}]]", key));
  }
  return list;
}

std::string TomlTable::required_text(const std::string& key) const {
  const auto value = text(key);
  if (!value || value->empty()) refuse(self(), fmt::format("{} needs a '{}'", place_, key));
  return *value;
}

std::vector<std::pair<std::string, const toml::node*>> TomlTable::entries() const {
  std::vector<std::pair<std::string, const toml::node*>> list;
  for (const auto& [key, value] : *table_) list.emplace_back(std::string(key.str()), &value);
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    const toml::source_position& first = a.second->source().begin;
    const toml::source_position& second = b.second->source().begin;
    return std::tie(first.line, first.column) < std::tie(second.line, second.column);
  });
  return list;
}

}  // namespace tamari::lab
