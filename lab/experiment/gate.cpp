// See gate.h.
#include "lab/experiment/gate.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>

#include "lab/command_error.h"
#include "lab/experiment/metrics.h"
#include "lab/experiment/printed_metrics.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr std::string_view kExample = "'ops>=+3%' or 'main: rss<=+5%'";
constexpr std::string_view kMetricExample = R"('rate=([0-9.]+) requests/s:higher')";

[[noreturn]] void refuse_gate(const std::string& text, const std::string& what) {
  throw CommandError(kHarness, fmt::format("gate '{}' {}: write it like {}", text, what, kExample));
}

[[noreturn]] void refuse_metric(const std::string& text, const std::string& what) {
  throw CommandError(kHarness,
                     fmt::format("metric '{}' {}: write it like {}", text, what, kMetricExample));
}

// A name ends where a gate's or a setting's punctuation may begin.
bool is_name(std::string_view text) {
  constexpr std::string_view kForbidden = " \t\r\n:<>=%,'\"";
  return !text.empty() && text.find_first_of(kForbidden) == std::string_view::npos;
}

struct Sides {
  std::string metric;
  Comparison comparison;
  std::string limit;
};

Sides split_comparison(const std::string& text, const std::string& expression) {
  const std::size_t sign = expression.find_first_of("<>=");
  if (sign == std::string::npos) refuse_gate(text, "has no '>=' or '<='");
  const std::string comparison = expression.substr(sign, 2);
  if (comparison != ">=" && comparison != "<=") {
    refuse_gate(text, "must compare with '>=' or '<='");
  }
  return {trim(expression.substr(0, sign)),
          comparison == ">=" ? Comparison::kAtLeast : Comparison::kAtMost,
          trim(expression.substr(sign + 2))};
}

bool remove_suffix(std::string& text, std::string_view suffix) {
  if (text.size() < suffix.size() || !text.ends_with(suffix)) return false;
  text.resize(text.size() - suffix.size());
  return true;
}

}  // namespace

double parse_percent(const std::string& text, const std::string& what) {
  std::string digits = trim(text);
  const bool has_sign = !digits.empty() && (digits[0] == '+' || digits[0] == '-');
  const bool negative = has_sign && digits[0] == '-';
  if (has_sign) digits = trim(digits.substr(1));
  const bool has_unit = remove_suffix(digits, "%");
  digits = trim(digits);
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value, std::chars_format::fixed);
  const bool number = read.ec == std::errc() && read.ptr == end && digits[0] != '-';
  if (!number || !has_unit || !std::isfinite(value)) {
    throw CommandError(kHarness, fmt::format("{} must be a change in per cent such as '+3%', "
                                             "not '{}'",
                                             what, trim(text)));
  }
  return (negative ? -value : value) / 100;
}

std::string print_percent(double fraction) {
  // Ten digits: enough for what people write, too few for the error of the division by 100.
  const std::string digits = fmt::format("{:.10g}", std::abs(fraction) * 100);
  return fmt::format("{}{}%", std::signbit(fraction) ? '-' : '+', digits);
}

Gate parse_gate(const std::string& text) {
  Gate gate;
  std::string expression = text;
  if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
    gate.workload = trim(text.substr(0, colon));
    expression = text.substr(colon + 1);
    if (!is_name(gate.workload)) refuse_gate(text, "names no workload before its ':'");
  }
  const Sides sides = split_comparison(text, expression);
  if (!is_name(sides.metric)) refuse_gate(text, "names no metric");
  gate.metric = canonical_metric(sides.metric);
  gate.comparison = sides.comparison;
  gate.limit = parse_percent(sides.limit, fmt::format("the limit of the gate '{}'", text));
  if (gate.limit <= -1) refuse_gate(text, "has a limit of -100% or less, which nothing can reach");
  return gate;
}

std::string print_gate(const Gate& gate) {
  const std::string workload = gate.workload.empty() ? "" : gate.workload + ": ";
  return fmt::format(
      "{}{}{}{}", workload, gate.metric,
      gate.comparison == Comparison::kAtLeast ? ">=" : "<=", print_percent(gate.limit));
}

MetricSpec parse_metric(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) refuse_metric(text, "has no '=' between name and expression");
  return parse_metric(trim(text.substr(0, equals)), text.substr(equals + 1));
}

MetricSpec parse_metric(const std::string& name, const std::string& expression) {
  const std::string text = name + "=" + expression;
  if (!is_name(name)) refuse_metric(text, "needs a name without blanks and punctuation");
  MetricSpec metric{name, Better::kLower, expression};
  if (remove_suffix(metric.regex, ":higher")) {
    metric.better = Better::kHigher;
  } else {
    remove_suffix(metric.regex, ":lower");
  }
  const std::string problem = regex_problem(metric.regex);
  if (!problem.empty()) refuse_metric(text, fmt::format("is no expression to use ({})", problem));
  return metric;
}

bool demands_gain(const Gate& gate) {
  return gate.comparison == Comparison::kAtLeast ? gate.limit > 0 : gate.limit < 0;
}

}  // namespace tamari::lab
