// See printed_metrics.h.
#include "lab/experiment/printed_metrics.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "lab/sample.h"

namespace tamari::lab {
namespace {

constexpr char kLineMode[] = "(?m)";  // an option of RE2 says it only for POSIX syntax

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);  // a program may print any bytes
  return options;
}

std::optional<double> to_number(const re2::StringPiece& piece) {
  const std::string text(piece.data(), piece.size());
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<double> last_match(const std::string& regex, const std::string& text) {
  const RE2 expression(kLineMode + regex, quiet());
  if (!expression.ok() || expression.NumberOfCapturingGroups() < 1) return std::nullopt;
  std::optional<double> last;
  re2::StringPiece groups[2];
  std::size_t at = 0;
  while (at <= text.size() && expression.Match(text, at, text.size(), RE2::UNANCHORED, groups, 2)) {
    last = to_number(groups[1]);
    const auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
    at = std::max(end, at + 1);  // an empty match must not stand still
  }
  return last;
}

void rename(std::map<std::string, double>& values, const char* from, const char* to) {
  auto node = values.extract(from);
  if (node.empty()) return;
  node.key() = to;
  values.erase(to);
  values.insert(std::move(node));
}

void add_sum(std::map<std::string, double>& values, const char* a, const char* b, const char* sum) {
  const auto first = values.find(a);
  const auto second = values.find(b);
  if (first != values.end() && second != values.end()) values[sum] = first->second + second->second;
}

}  // namespace

std::string regex_problem(const std::string& regex) {
  const RE2 expression(kLineMode + regex, quiet());
  if (!expression.ok()) return expression.error();
  return expression.NumberOfCapturingGroups() < 1 ? "it has no group ( ) around the number" : "";
}

std::map<std::string, double> regex_metrics(const std::vector<MetricSpec>& metrics,
                                            const std::string& out, const std::string& err) {
  const std::string text = out + "\n" + err;
  std::map<std::string, double> found;
  for (const MetricSpec& metric : metrics) {
    if (metric.regex.empty()) continue;
    if (const auto value = last_match(metric.regex, text)) found[metric.name] = *value;
  }
  return found;
}

std::optional<std::map<std::string, double>> lane_metrics(const std::string& out) {
  auto values = parse_values(out);
  if (!values || values->count("ops/s") == 0) return std::nullopt;
  rename(*values, "ops", "operations");
  rename(*values, "ops/s", "ops");
  rename(*values, "sys_s", "system_s");
  add_sum(*values, "user_s", "system_s", "cpu_s");
  add_sum(*values, "voluntary_switches", "involuntary_switches", "context_switches");
  return values;
}

}  // namespace tamari::lab
