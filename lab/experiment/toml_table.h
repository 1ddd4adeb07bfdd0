// A table of a TOML file, read with care: every complaint names the file, the line and the key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "lab/command_error.h"

namespace tamari::lab {

class TomlTable {
 public:
  // `place` is how the table is called in complaints: "[[stage]]".
  TomlTable(const toml::table& table, std::string source, std::string place)
      : table_(&table), source_(std::move(source)), place_(std::move(place)) {}

  // Any other key is refused, with the nearest of these.
  void allow(const std::vector<std::string>& keys) const;
  bool has(const std::string& key) const { return table_->contains(key); }

  // None: the key is not there. Another type, or out of range: refused.
  std::optional<std::string> text(const std::string& key) const;
  std::optional<bool> truth(const std::string& key) const;
  std::optional<std::uint64_t> whole(const std::string& key, std::uint64_t least,
                                     std::uint64_t greatest) const;
  std::optional<double> number(const std::string& key) const;
  std::vector<std::string> texts(const std::string& key) const;  // of an array; none: empty
  std::optional<TomlTable> table(const std::string& key) const;
  std::vector<TomlTable> tables(const std::string& key) const;  // [[key]], or a single [key]

  std::string required_text(const std::string& key) const;

  // In the order in which they were written.
  std::vector<std::pair<std::string, const toml::node*>> entries() const;

  const std::string& source() const { return source_; }
  const std::string& place() const { return place_; }
  const toml::node* node(const std::string& key) const { return table_->get(key); }
  const toml::node& self() const { return *table_; }

  // "FILE:LINE: what".
  [[noreturn]] void refuse(const toml::node& where, const std::string& what) const;

  // Adds file and line to what a parser of a value complains of.
  template <typename Parse>
  auto at(const toml::node& where, Parse parse) const {
    try {
      return parse();
    } catch (const CommandError& error) {
      refuse(where, error.what());
    }
  }

 private:
  const toml::table* table_;
  std::string source_;
  std::string place_;
};

}  // namespace tamari::lab
