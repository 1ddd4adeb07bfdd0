// See sample.h.
#include "lab/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr std::string_view kOrigin = "malloc_from=";

bool is_origin(std::string_view line) { return line.starts_with(kOrigin); }

}  // namespace

std::string malloc_origin(const std::string& output) {
  const std::vector<std::string> lines = split(output, '\n');
  const auto origin = std::ranges::find_if(lines, is_origin);
  return origin == lines.end() ? "" : origin->substr(kOrigin.size());
}

std::optional<Values> parse_values(const std::string& output) {
  std::vector<std::string> lines = split(output, '\n');
  std::erase_if(lines, is_origin);
  Values values;
  for (const std::string& word : split(trim(join(lines, "\n")), ' ')) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) return std::nullopt;
    char* end = nullptr;
    const double number = std::strtod(word.c_str() + equals + 1, &end);
    if (*end != '\0' || end == word.c_str() + equals + 1) return std::nullopt;
    if (number >= 0) values[word.substr(0, equals)] = number;
  }
  return values;
}

std::optional<double> Sample::value(const std::string& key) const {
  const auto found = values.find(key);
  return found == values.end() ? std::nullopt : std::optional<double>(found->second);
}

Sample make_sample(const ChildResult& child) {
  Sample sample;
  sample.wall_s = child.wall_s;
  sample.failure = child.failure();
  if (!sample.good()) return sample;
  const auto values = parse_values(child.out);
  if (!values || values->count("ops/s") == 0) {
    sample.failure = "no ops/s= in its output: " + trim(child.out.substr(0, 80));
  } else {
    sample.values = *values;
  }
  return sample;
}

Sample make_proved_sample(const ChildResult& child, const FileIdentity& library) {
  Sample sample = make_sample(child);
  if (!sample.good()) return sample;
  const std::string origin = malloc_origin(child.out);
  if (identify(origin) == library) return sample;
  sample.values.clear();
  sample.failure = origin.empty()
                       ? "it does not say whose malloc it called"
                       : fmt::format("it called the malloc of {}, not the arm's", origin);
  return sample;
}

}  // namespace tamari::lab
