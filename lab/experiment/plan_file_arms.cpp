// See plan_file_arms.h.
#include "lab/experiment/plan_file_arms.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/text.h"

namespace tamari::lab {
namespace {

using Settings = std::vector<std::string>;

std::string value_text(const TomlTable& table, const std::string& key, const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) return *text;
  if (const auto number = value.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto truth = value.value_exact<bool>()) return *truth ? "1" : "0";
  table.refuse(value,
               fmt::format("the setting '{}' must be a whole number, true, false or a word", key));
}

// A later value of a key takes the place of the earlier one.
void put(Settings& settings, const std::string& key, const std::string& value) {
  const std::string prefix = key + "=";
  const auto same = std::find_if(settings.begin(), settings.end(), [&](const std::string& setting) {
    return setting.starts_with(prefix);
  });
  if (same == settings.end()) {
    settings.push_back(prefix + value);
  } else {
    *same = prefix + value;
  }
}

bool is_setting(const std::string& key) { return key != "name" && key != "library"; }

ArmSpec read_arm(const TomlTable& table, const ArmSpec& base, const std::string& name) {
  ArmSpec arm;
  arm.name = name;
  arm.library = table.text("library").value_or(base.library);
  if (arm.library == base.library) arm.settings = base.settings;
  for (const auto& [key, value] : table.entries()) {
    if (is_setting(key)) put(arm.settings, key, value_text(table, key, *value));
  }
  return arm;
}

// The settings of a product: keys with one value, and axes with a list of them.
struct Axis {
  std::string key;
  std::vector<std::string> values;
  bool varies = false;
};

std::vector<Axis> read_axes(const TomlTable& table) {
  std::vector<Axis> axes;
  for (const auto& [key, value] : table.entries()) {
    Axis axis{key, {}, value->is_array()};
    if (!axis.varies) {
      axis.values.push_back(value_text(table, key, *value));
    } else {
      for (const toml::node& element : *value->as_array()) {
        axis.values.push_back(value_text(table, key, element));
      }
    }
    if (axis.values.empty()) table.refuse(*value, fmt::format("'{}' lists no values", key));
    axes.push_back(axis);
  }
  const bool varies = std::any_of(axes.begin(), axes.end(), [](const Axis& a) { return a.varies; });
  if (!varies) {
    table.refuse(table.self(),
                 "[product] needs a setting with a list of values, such as "
                 "stash_drain_limit = [64, 128]");
  }
  return axes;
}

std::vector<ArmSpec> product_of(const std::vector<Axis>& axes, const ArmSpec& base) {
  std::vector<ArmSpec> arms(1, base);
  arms.front().name.clear();
  for (const Axis& axis : axes) {
    std::vector<ArmSpec> longer;
    for (const ArmSpec& arm : arms) {
      for (const std::string& value : axis.values) {
        ArmSpec next = arm;
        put(next.settings, axis.key, value);
        if (axis.varies) {
          next.name += fmt::format("{}{}={}", next.name.empty() ? "" : ",", axis.key, value);
        }
        longer.push_back(next);
      }
    }
    arms = longer;
  }
  return arms;
}

}  // namespace

void read_arms(const TomlTable& file, Plan& plan) {
  ArmSpec base;
  base.name = "base";
  if (const auto table = file.table("base")) {
    base = read_arm(*table, {}, table->text("name").value_or("base"));
  }
  plan.arms.push_back(base);
  for (const TomlTable& table : file.tables("variant")) {
    plan.arms.push_back(read_arm(table, base, table.required_text("name")));
  }
  for (const TomlTable& table : file.tables("product")) {
    for (const ArmSpec& arm : product_of(read_axes(table), base)) plan.arms.push_back(arm);
  }
}

}  // namespace tamari::lab
