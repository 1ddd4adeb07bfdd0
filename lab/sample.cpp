// See sample.h.
#include "lab/sample.h"

#include <cstdlib>

#include "lab/text.h"

namespace tamari::lab {

std::optional<Values> parse_values(const std::string& line) {
  Values values;
  for (const std::string& word : split(trim(line), ' ')) {
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
  } else if (!child.mapped) {
    sample.failure =
        "its /proc/PID/maps never showed the library under test (too short? raise --settle)";
  } else {
    sample.values = *values;
  }
  return sample;
}

}  // namespace tamari::lab
