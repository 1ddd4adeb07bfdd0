// See wording.h.
#include "lab/experiment/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "lab/experiment/gate.h"
#include "lab/experiment/judge_words.h"
#include "lab/experiment/machine_words.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr double kPercent = 100;
constexpr double kThousand = 1e3;
constexpr double kMillion = 1e6;
constexpr double kKibPerMib = 1024;

constexpr char kNoChange[] = "no change seen";
constexpr char kUnknown[] = "unknown";

struct MetricWords {
  const char* name;
  const char* label;
  const char* unit;
  double divisor;
  const char* lower;   // what a smaller value is called
  const char* higher;  // and a greater one
};

constexpr std::array kMetrics = {
    MetricWords{"ops", "speed", "M ops/s", kMillion, "slower", "faster"},
    MetricWords{"wall_s", "wall time", "s", 1, "faster", "slower"},
    MetricWords{"user_s", "user time", "s", 1, "less user time", "more user time"},
    MetricWords{"system_s", "system time", "s", 1, "less system time", "more system time"},
    MetricWords{"cpu_s", "CPU time", "s", 1, "less CPU time", "more CPU time"},
    MetricWords{"rss_peak_kib", "peak RSS", "MiB", kKibPerMib, "less memory", "more memory"},
    MetricWords{"rss_settled_kib", "settled RSS", "MiB", kKibPerMib, "less memory settled",
                "more memory settled"},
    MetricWords{"minor_faults", "page faults", "", 1, "fewer faults", "more faults"},
    MetricWords{"major_faults", "major faults", "", 1, "fewer major faults", "more major faults"},
    MetricWords{"context_switches", "context switches", "", 1, "fewer switches", "more switches"},
};

const MetricWords* find_words(const std::string& metric) {
  for (const MetricWords& words : kMetrics) {
    if (metric == words.name) return &words;
  }
  return nullptr;
}

std::string signed_figure(double log_ratio) {
  constexpr double kNoDecimals = 100;
  constexpr double kHalfStep = 0.05;
  const double value = std::expm1(log_ratio) * kPercent;
  if (std::abs(value) >= kNoDecimals) return fmt::format("{:+.0f}", value);
  return std::abs(value) < kHalfStep ? "0.0" : fmt::format("{:+.1f}", value);
}

// Three digits that count: "41.2", "8.05", "812", "12345".
std::string significant(double value) {
  constexpr int kDigits = 3;
  if (value == 0) return "0";
  const int before = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  return fmt::format("{:.{}f}", value, std::clamp(kDigits - before, 0, 2 * kDigits));
}

std::string length_words(const Stage& stage) {
  if (!stage.automatic) return counted(stage.runs, "block");
  const AutoRuns& rule = *stage.automatic;
  return fmt::format(
      "auto: a workload stops after {} to {} blocks, as soon as the 95 % interval of {} of each "
      "variant is at most {} either side",
      rule.least, rule.most, stage.gates.empty() ? "its leading metric" : "every gated metric",
      print_percent(rule.half_width).substr(1));
}

}  // namespace

std::string percent(double log_ratio) { return signed_figure(log_ratio) + "%"; }

std::string percent_width(double log_ratio) {
  const double width = std::expm1(log_ratio) * kPercent;
  return fmt::format("{:.{}f}%", width, width < 1 ? 2 : 1);
}

std::string effect_words(const std::optional<Estimate>& estimate) {
  if (!estimate) return "-";
  if (!estimate->bounded()) return percent(estimate->effect) + " [unbounded]";
  return fmt::format("{} [{}, {}]", percent(estimate->effect),
                     signed_figure(estimate->interval.low), signed_figure(estimate->interval.high));
}

std::string metric_label(const std::string& metric) {
  const MetricWords* words = find_words(metric);
  return words == nullptr ? metric : words->label;
}

std::string metric_value(const std::string& metric, std::optional<double> value) {
  if (!value) return "-";
  const MetricWords* words = find_words(metric);
  if (words == nullptr || *words->unit == '\0') return count_words(*value);
  return fmt::format("{} {}", significant(*value / words->divisor), words->unit);
}

std::string count_words(double count) {
  constexpr double kBillion = 1e9;
  constexpr double kPlain = 1e4;  // below this all digits are shown
  const double size = std::abs(count);
  if (size >= kBillion) return fmt::format("{:.4g} G", count / kBillion);
  if (size >= kMillion) return fmt::format("{:.4g} M", count / kMillion);
  if (size >= kPlain) return fmt::format("{:.4g} k", count / kThousand);
  return fmt::format("{:.6g}", count);
}

std::string gate_words(const Gate& gate) {
  Gate anywhere = gate;
  anywhere.workload.clear();
  return print_gate(anywhere);
}

Tone tone_of(GateState state) {
  switch (state) {
    case GateState::kHeld:
      return Tone::kGood;
    case GateState::kFailed:
      return Tone::kBad;
    case GateState::kBlind:
      return Tone::kPlain;
    default:
      return Tone::kUnsure;
  }
}

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGo:
      return Tone::kGood;
    case Verdict::kInconclusive:
      return Tone::kUnsure;
    default:
      return Tone::kBad;
  }
}

std::pair<std::string, std::string> direction_words(const std::string& metric) {
  const MetricWords* words = find_words(metric);
  return words ? std::pair<std::string, std::string>(words->lower, words->higher)
               : std::pair("less " + metric, "more " + metric);
}

std::string finding_words(const Report& report, const View& view, const std::string& metric,
                          const std::string& arm) {
  const Effect* effect = find_effect(report, view, metric, arm);
  if (effect == nullptr || !effect->estimate || !effect->estimate->bounded()) return kUnknown;
  const Interval& interval = effect->estimate->interval;
  if (interval.low > 0) return direction_words(metric).second;
  if (interval.high < 0) return direction_words(metric).first;
  return kNoChange;
}

std::string findings_words(const Report& report, const View& view, const std::string& arm) {
  std::vector<std::string> parts;
  for (const std::string& metric : view.metrics) {
    std::string words = finding_words(report, view, metric, arm);
    if (words == kNoChange) words += " of " + metric_label(metric);
    parts.push_back(words == kUnknown ? metric_label(metric) + " unknown" : words);
  }
  return join(parts, ", ");
}

std::string reason_words(const Report& report, const VariantVerdict& variant) {
  if (report.conclusion.tone != Tone::kPlain) return variant.why;
  std::vector<std::string> parts;
  const std::vector<View> all = views(report);
  for (const View& view : all) {
    if (std::find(view.arms.begin(), view.arms.end(), variant.arm) == view.arms.end()) continue;
    const std::string words = findings_words(report, view, variant.arm);
    parts.push_back(all.size() == 1 ? words : view_name(report, view) + ": " + words);
  }
  return join(parts, "; ");
}

std::string resolution_words(const Report& report, const View& view, const std::string& metric) {
  const auto width = resolution_of(report, view, metric);
  if (!width) {
    return fmt::format("too few good A/A blocks: what can be seen of {} is unknown",
                       metric_label(metric));
  }
  const Effect* effect = find_effect(report, view, metric, view.arms.back());
  return fmt::format("the harness can see {} of {} {} (A/A {}, n={})", percent_width(*width),
                     metric_label(metric), place_words(report.experiment),
                     effect_words(effect->estimate), effect->estimate->n);
}

std::string today_words(const Report& report) {
  std::vector<std::string> parts;
  for (const View& view : views(report)) {
    const auto width = resolution_of(report, view, view.metrics.front());
    parts.push_back(fmt::format("{} of {} on {}", width ? percent_width(*width) : "an unknown part",
                                metric_label(view.metrics.front()), view_name(report, view)));
  }
  return fmt::format("the harness can see {} {}", join(parts, ", "),
                     place_words(report.experiment));
}

std::string view_name(const Report& report, const View& view) {
  return report.experiment.plan.stages.size() == 1
             ? view.workload->name
             : fmt::format("{} ({})", view.workload->name, view.stage->name);
}

std::string stage_words(const Stage& stage) {
  std::vector<std::string> gates;
  for (const Gate& gate : stage.gates) gates.push_back(print_gate(gate));
  std::string words =
      length_words(stage) + "; " + (gates.empty() ? "no gate" : "gates " + join(gates, ", "));
  if (stage.winners_only) words += "; winners of the stage before only";
  if (stage.no_failures) words += "; any failed sample rejects a variant";
  return words;
}

std::string kill_words(const HardKill& rule) {
  return fmt::format("{} up by more than {}{}", rule.counter, print_percent(rule.rise),
                     rule.workloads.empty() ? "" : " on " + join(rule.workloads, ", "));
}

std::string order_words(Order order) {
  return order == Order::kLatin
             ? "each arm once a block, in an order that rotates and is shuffled (latin)"
             : "base, variant, variant, base for each variant in random order (abba)";
}

std::string sample_words(const Report& report) {
  const std::size_t failed = failed_records(report).size();
  const std::size_t total = report.experiment.records.size();
  return failed == 0 ? fmt::format("{}, none failed", counted(total, "sample"))
                     : fmt::format("{} of {} failed", failed, counted(total, "sample"));
}

std::string command_words(const Workload& workload) {
  const std::vector<std::string> words =
      workload.lane ? workload.lane->arguments() : workload.command;
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_quote(word));
  const std::string command = join(quoted, " ");
  return workload.lane ? fmt::format("{} {}", workload.lane->program(), command) : command;
}

}  // namespace tamari::lab
