// See figures.h: the samples in time order.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/experiment/figures.h"
#include "lab/experiment/svg.h"
#include "lab/experiment/wording.h"

namespace tamari::lab {
namespace {

using svg::Anchor;
using Records = std::vector<const SampleRecord*>;

constexpr double kWidth = 1000;
constexpr double kPlotLeft = 200;
constexpr double kPlotRight = 880;
constexpr double kValueLeft = 890;
constexpr double kTop = 8;
constexpr double kStrip = 40;
constexpr double kGap = 10;  // between two strips
constexpr double kFoot = 30;
constexpr std::size_t kNameLetters = 18;

std::optional<double> value_of(const SampleRecord& record, const std::string& metric) {
  const auto found = record.metrics.find(metric);
  if (!record.good() || found == record.metrics.end()) return std::nullopt;
  return found->second;
}

std::vector<double> good_values(const Records& records, const std::string& metric,
                                const std::string& arm) {
  std::vector<double> values;
  for (const SampleRecord* record : records) {
    const auto value = value_of(*record, metric);
    if (value && (arm.empty() || record->arm == arm)) values.push_back(*value);
  }
  return values;
}

struct Plot {
  const Records& records;
  const std::string& metric;
  const std::string& base;
  svg::Axis time;
  double low;
  double high;

  svg::Axis strip(double top) const { return {low, high, top + kStrip - 4, top + 4}; }
};

// The range of nearly all samples; the few beyond it are drawn at the edge.
Plot make_plot(const Records& records, const std::string& metric, const std::string& base) {
  constexpr std::size_t kTenth = 10;
  constexpr double kReach = 1.5;
  std::vector<double> values = good_values(records, metric, "");
  std::sort(values.begin(), values.end());
  const svg::Axis time{-1, static_cast<double>(records.size()), kPlotLeft, kPlotRight};
  if (values.empty()) return {records, metric, base, time, 0, 1};
  const double tenth = values[values.size() / kTenth];
  const double ninth = values[values.size() - 1 - values.size() / kTenth];
  const double reach = std::max((ninth - tenth) * kReach, ninth * 0.002);
  double low = std::max(values.front(), tenth - reach);
  double high = std::min(values.back(), ninth + reach);
  if (!(high > low)) {
    low -= reach;
    high += reach + 1e-12;
  }
  return {records, metric, base, time, low, high};
}

std::string mark(const Plot& plot, const SampleRecord& record, double x, const svg::Axis& y) {
  constexpr double kCross = 4;
  const auto value = value_of(record, plot.metric);
  if (!value) {
    const double middle = (y.start + y.end) / 2;
    const std::string why = record.good() ? "no value" : record.failure;
    return svg::group(
        "", fmt::format("sample {}: {}", record.index + 1, why),
        svg::line(x - kCross, middle - kCross, x + kCross, middle + kCross, "failed") +
            svg::line(x - kCross, middle + kCross, x + kCross, middle - kCross, "failed"));
  }
  return svg::circle(x, y.clamped(*value), 2.4, y.shows(*value) ? "dot" : "beyond");
}

// Across the strip, at the median of an arm.
std::string median_line(const Plot& plot, const std::string& arm, const svg::Axis& y,
                        const char* css) {
  const auto middle = median(good_values(plot.records, plot.metric, arm));
  if (!middle) return {};
  return svg::line(kPlotLeft, y.clamped(*middle), kPlotRight, y.clamped(*middle), css);
}

std::string strip(const Plot& plot, const std::string& arm, double top) {
  const svg::Axis y = plot.strip(top);
  std::string body =
      svg::rect(kPlotLeft, top, kPlotRight - kPlotLeft, kStrip, "strip") +
      svg::text(0, top + kStrip / 2, Anchor::kStart, svg::shorten(arm, kNameLetters), "strong");
  body += median_line(plot, plot.base, y, "axis") + median_line(plot, arm, y, "median");
  for (std::size_t i = 0; i < plot.records.size(); ++i) {
    if (plot.records[i]->arm != arm) continue;
    body += mark(plot, *plot.records[i], plot.time.at(static_cast<double>(i)), y);
  }
  const auto middle = median(good_values(plot.records, plot.metric, arm));
  body +=
      svg::text(kValueLeft, top + kStrip / 2, Anchor::kStart, metric_value(plot.metric, middle));
  return body;
}

std::string scale(const Plot& plot) {
  const svg::Axis y = plot.strip(kTop);
  const auto at = [&](double value, double place) {
    return svg::text(kPlotLeft - 6, place, Anchor::kEnd, metric_value(plot.metric, value),
                     "small soft");
  };
  return at(plot.high, y.end) + at(plot.low, y.start);
}

// A line where a session began after an interruption, and where another machine takes over.
std::string breaks(const Plot& plot, const std::vector<std::string>& sessions, double bottom) {
  std::string body;
  for (std::size_t i = 1; i < plot.records.size(); ++i) {
    const SampleRecord& before = *plot.records[i - 1];
    const SampleRecord& after = *plot.records[i];
    const bool resumed = std::any_of(sessions.begin(), sessions.end(), [&](const auto& start) {
      return before.started < start && start <= after.started;
    });
    if (!resumed && before.machine == after.machine) continue;
    const double x = plot.time.at(static_cast<double>(i) - 0.5);
    body += svg::group("", before.machine == after.machine ? "resumed here" : after.machine,
                       svg::line(x, kTop, x, bottom, "session"));
  }
  return body;
}

std::string time_axis(const Plot& plot, double bottom) {
  constexpr int kTicks = 10;
  std::string body;
  for (const double tick : svg::ticks(1, static_cast<double>(plot.records.size()), kTicks)) {
    if (tick != static_cast<double>(static_cast<long>(tick))) continue;
    body += svg::text(plot.time.at(tick - 1), bottom + 10, Anchor::kMiddle,
                      fmt::format("{:.0f}", tick), "small soft");
  }
  return body + svg::text(kPlotLeft - 6, bottom + 10, Anchor::kEnd, "sample number", "small soft");
}

std::vector<std::string> all_arms(const Report& report, const View& view) {
  std::vector<std::string> arms = {base_name(report.experiment.plan)};
  arms.insert(arms.end(), view.arms.begin(), view.arms.end());
  return arms;
}

}  // namespace

std::string time_figure(const Report& report, const View& view, const std::string& metric) {
  const Records records = records_of(report, view);
  const Plot plot = make_plot(records, metric, base_name(report.experiment.plan));
  std::string body;
  double top = kTop;
  for (const std::string& arm : all_arms(report, view)) {
    const bool plain = arm == plot.base || is_again(report.experiment.plan, arm);
    body += svg::group(plain ? "plain" : "mark", arm, strip(plot, arm, top));
    top += kStrip + kGap;
  }
  const double bottom = top - kGap;
  body += scale(plot) + breaks(plot, report.experiment.sessions, bottom) + time_axis(plot, bottom);
  const std::string what = metric_label(metric);
  return svg::figure(
      {kWidth, bottom + kFoot}, "full",
      fmt::format("{} of every sample on {} in time order", what, view.workload->name),
      fmt::format("One row for each arm, {} samples on one scale from {} to {}; a dashed line is "
                  "the arm's median, a cross a failed sample.",
                  records.size(), metric_value(metric, plot.low), metric_value(metric, plot.high)),
      body);
}

}  // namespace tamari::lab
