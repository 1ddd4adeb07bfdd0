// See figures.h: the forest plot.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lab/experiment/figures.h"
#include "lab/experiment/gate.h"
#include "lab/experiment/judge_words.h"
#include "lab/experiment/svg.h"
#include "lab/experiment/wording.h"

namespace tamari::lab {
namespace {

using svg::Anchor;

constexpr double kWidth = 560;
constexpr double kPlotLeft = 146;
constexpr double kPlotRight = 378;
constexpr double kValueLeft = 390;
constexpr double kTop = 26;  // of the first row, below the gate's label
constexpr double kRow = 38;
constexpr double kFoot = 44;  // the axis, its figures and its directions
constexpr std::size_t kNameLetters = 18;

struct Plot {
  const Report& report;
  const View& view;
  const std::string& metric;
  svg::Axis axis;
  double bottom;
};

void widen(svg::Axis& axis, double value) {
  axis.low = std::min(axis.low, value);
  axis.high = std::max(axis.high, value);
}

svg::Axis make_axis(const Report& report, const View& view, const std::string& metric) {
  constexpr double kLeast = 0.005;  // so that a figure of exact equals has a width
  constexpr double kMargin = 0.06;
  const double band = resolution_of(report, view, metric).value_or(0);
  svg::Axis axis{-std::max(band, kLeast), std::max(band, kLeast), kPlotLeft, kPlotRight};
  for (const std::string& arm : view.arms) {
    const Effect* effect = find_effect(report, view, metric, arm);
    if (effect == nullptr || !effect->estimate) continue;
    widen(axis, effect->estimate->effect);
    if (!effect->estimate->bounded()) continue;
    widen(axis, effect->estimate->interval.low);
    widen(axis, effect->estimate->interval.high);
  }
  if (const Gate* gate = planned_gate(view, metric)) widen(axis, std::log1p(gate->limit));
  const double margin = (axis.high - axis.low) * kMargin;
  axis.low -= margin;
  axis.high += margin;
  return axis;
}

std::string band(const Plot& plot) {
  const auto width = resolution_of(plot.report, plot.view, plot.metric);
  if (!width) return {};
  const double left = plot.axis.clamped(-*width);
  return svg::group(
      "", resolution_words(plot.report, plot.view, plot.metric),
      svg::rect(left, kTop, plot.axis.clamped(*width) - left, plot.bottom - kTop, "band"));
}

std::string gate_line(const Plot& plot) {
  const Gate* gate = planned_gate(plot.view, plot.metric);
  if (gate == nullptr) return {};
  const double x = plot.axis.at(std::log1p(gate->limit));
  const bool at_least = gate->comparison == Comparison::kAtLeast;
  const std::string label =
      fmt::format("gate {} {}", at_least ? "\u2265" : "\u2264", print_percent(gate->limit));
  return svg::line(x, kTop - 8, x, plot.bottom, "gate") +
         svg::text(x, kTop - 16, Anchor::kMiddle, label, "small strong");
}

std::string axis_figures(const Plot& plot) {
  constexpr double kGap = 46;
  constexpr double kFigures = 14;
  constexpr double kDirections = 33;
  const auto [lower, higher] = direction_words(plot.metric);
  std::string body;
  for (const svg::Tick& tick : svg::change_ticks(plot.axis, kGap)) {
    const double x = plot.axis.at(tick.value);
    body += svg::line(x, kTop, x, plot.bottom, tick.value == 0 ? "zero" : "axis") +
            svg::text(x, plot.bottom + kFigures, Anchor::kMiddle, tick.label, "small soft");
  }
  const double y = plot.bottom + kDirections;
  return body + svg::text(kPlotLeft, y, Anchor::kStart, "\u2190 " + lower, "small soft") +
         svg::text(kPlotRight, y, Anchor::kEnd, higher + " \u2192", "small soft");
}

std::string block_dots(const Plot& plot, const Effect& effect, double y) {
  std::string body;
  for (const double block : effect.blocks) {
    body += svg::circle(plot.axis.clamped(block), y, 1.8,
                        plot.axis.shows(block) ? "block" : "block beyond");
  }
  return body;
}

std::string interval_line(const Plot& plot, const Estimate& estimate, double y) {
  const double low = plot.axis.clamped(estimate.interval.low);
  const double high = plot.axis.clamped(estimate.interval.high);
  return svg::line(low, y, high, y, estimate.bounded() ? "interval" : "interval open") +
         svg::circle(plot.axis.at(estimate.effect), y, 4.2, "dot");
}

std::string state_line(const Plot& plot, const std::string& arm, double y) {
  if (is_again(plot.report.experiment.plan, arm)) {
    return svg::text(kValueLeft, y, Anchor::kStart, "A/A: base against itself", "small soft");
  }
  const GateResult* gate = gate_result(plot.report, plot.view, plot.metric, arm);
  if (gate == nullptr) {
    const std::string words = finding_words(plot.report, plot.view, plot.metric, arm);
    return svg::text(kValueLeft, y, Anchor::kStart, svg::shorten(words, 26), "small soft");
  }
  return svg::text(kValueLeft, y, Anchor::kStart, std::string("gate ") + name_of(gate->state),
                   std::string("small strong ") + css_of(tone_of(gate->state)));
}

std::string row(const Plot& plot, const std::string& arm, double top) {
  constexpr double kInterval = 14;
  constexpr double kSecondLine = 28;
  const Effect* effect = find_effect(plot.report, plot.view, plot.metric, arm);
  const double y = top + kInterval;
  std::string body = svg::text(0, y, Anchor::kStart, svg::shorten(arm, kNameLetters), "strong");
  if (effect == nullptr || !effect->estimate) {
    return svg::group("plain", arm,
                      body + svg::text(kValueLeft, y, Anchor::kStart, "too few good blocks"));
  }
  const Estimate& estimate = *effect->estimate;
  body +=
      block_dots(plot, *effect, top + kSecondLine) + interval_line(plot, estimate, y) +
      svg::text(kValueLeft, y, Anchor::kStart, effect_words(estimate)) +
      svg::text(0, top + kSecondLine, Anchor::kStart, counted(estimate.n, "block"), "small soft") +
      state_line(plot, arm, top + kSecondLine);
  const bool again = is_again(plot.report.experiment.plan, arm);
  return svg::group(again ? "plain" : "mark", arm + ": " + effect_words(estimate), body);
}

std::string description(const Report& report, const View& view, const std::string& metric) {
  std::string words = fmt::format("{} against {}, with 95 % intervals. ", metric_label(metric),
                                  base_name(report.experiment.plan));
  for (const std::string& arm : view.arms) {
    const Effect* effect = find_effect(report, view, metric, arm);
    words += fmt::format("{}: {}. ", arm, effect ? effect_words(effect->estimate) : "-");
  }
  if (const Gate* gate = planned_gate(view, metric)) words += "Gate: " + gate_words(*gate) + ". ";
  return words;
}

}  // namespace

std::string forest_figure(const Report& report, const View& view, const std::string& metric) {
  const double bottom = kTop + kRow * static_cast<double>(view.arms.size());
  const Plot plot{report, view, metric, make_axis(report, view, metric), bottom};
  std::string body = band(plot) + axis_figures(plot) + gate_line(plot);
  double top = kTop;
  for (const std::string& arm : view.arms) {
    body += row(plot, arm, top);
    top += kRow;
  }
  return svg::figure({kWidth, bottom + kFoot}, "half",
                     fmt::format("{} of each arm on {}", metric_label(metric), view.workload->name),
                     description(report, view, metric), body);
}

}  // namespace tamari::lab
