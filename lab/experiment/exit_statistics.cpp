// See exit_statistics.h.
#include "lab/experiment/exit_statistics.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kSchema = 1;
constexpr std::size_t kLongestSetting = 255;  // what the library takes

// Numbers as the library writes them: decimal, K to T as powers of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::string_view kUnits = "KMGT";
  constexpr unsigned kUnitBits = 10;
  if (text.empty()) return std::nullopt;
  const std::size_t unit = kUnits.find(static_cast<char>(std::toupper(text.back())));
  if (unit != std::string_view::npos) text.remove_suffix(1);
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return unit == std::string_view::npos ? value : value << kUnitBits * (unit + 1);
}

bool same_value(const std::string& a, const std::string& b) {
  const auto number = parse_size(a);
  return a == b || (number && number == parse_size(b));
}

void add_effective(const Json& json, ExitStatistics& total) {
  for (const auto& [key, value] : json.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    const auto [known, is_new] = total.effective.emplace(key, text);
    if (!is_new && known->second != text) known->second += "|" + text;
  }
}

// False if the file is not whole: its process was killed while it wrote.
bool add_file(const fs::path& path, ExitStatistics& total) {
  std::ifstream stream(path);
  const Json json = Json::parse(stream, nullptr, false);
  if (!json.is_object() || json.value("schema", 0) != kSchema) return false;
  add_effective(json.value("effective", Json::object()), total);
  const Json counters = json.value("counters", Json::object());
  for (const auto& [name, value] : counters.items()) {
    if (value.is_number()) total.counters[name] += value.get<double>();
  }
  return true;
}

}  // namespace

StatisticsFolder::StatisticsFolder() {
  std::error_code error;
  std::string path = (fs::temp_directory_path(error) / "tamari-XXXXXX").string();
  if (error || mkdtemp(path.data()) == nullptr) {
    throw CommandError(kHarness, fmt::format("cannot make a folder under {}: {}; set TMPDIR",
                                             fs::path(path).parent_path().string(),
                                             error ? error.message() : std::strerror(errno)));
  }
  path_ = path;
  constexpr std::string_view kAmbiguous = ",%\n";  // to the library
  if (begin().size() > kLongestSetting || path.find_first_of(kAmbiguous) != std::string::npos) {
    fs::remove(path_, error);
    throw CommandError(kHarness, fmt::format("TMPDIR is {}: set it to a short path without commas",
                                             fs::path(path).parent_path().string()));
  }
}

StatisticsFolder::~StatisticsFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

// Of one length for all samples: the size of the environment moves a program's stack.
std::string StatisticsFolder::name(const std::string& pid) const {
  return fmt::format("{:08}-{}.json", sample_, pid);
}

std::string StatisticsFolder::begin() {
  ++sample_;
  return "stats_at_exit=json:" + file(name("%p"));
}

std::optional<ExitStatistics> StatisticsFolder::take(pid_t child) {
  ExitStatistics total;
  bool any = false;
  std::error_code error;
  const std::string own = name(std::to_string(child));
  const std::string prefix = name("").substr(0, own.find('-') + 1);
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string file_name = entry.path().filename().string();
    if (file_name.rfind(prefix, 0) == 0 && add_file(entry.path(), total)) {
      any = true;
      total.of_child |= file_name == own;
    }
    fs::remove(entry.path(), error);
  }
  return any ? std::optional(std::move(total)) : std::nullopt;
}

std::string settings_problem(const std::vector<std::string>& settings,
                             const std::map<std::string, std::string>& effective) {
  std::map<std::string, std::string> asked;  // the last of a key wins, as in the library
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    asked[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  for (const auto& [key, value] : asked) {
    const auto found = effective.find(key);
    if (found == effective.end()) return fmt::format("{} is not among the settings in force", key);
    if (!same_value(value, found->second)) {
      return fmt::format("{}={} was asked for, {} is in force", key, value, found->second);
    }
  }
  return {};
}

}  // namespace tamari::lab
