// See figures.h: speed against memory.
#include <fmt/format.h>

#include <algorithm>

#include "lab/experiment/figures.h"
#include "lab/experiment/metrics.h"
#include "lab/experiment/svg.h"
#include "lab/experiment/wording.h"

namespace tamari::lab {
namespace {

using svg::Anchor;

constexpr double kWidth = 560;
constexpr double kPlotLeft = 64;
constexpr double kPlotRight = 400;
constexpr double kNameLeft = 418;
constexpr double kTop = 22;
constexpr double kBottom = 300;
constexpr double kFoot = 44;
constexpr double kNameHeight = 17;
constexpr std::size_t kNameLetters = 19;

struct Point {
  std::string name;
  Estimate speed;
  Estimate memory;
  bool plain = false;  // the base and the A/A arm
};

struct Plot {
  svg::Axis x;  // memory
  svg::Axis y;  // speed
  std::vector<Point> points;
};

std::vector<Point> points_of(const Report& report, const View& view) {
  std::vector<Point> points = {{base_name(report.experiment.plan), {}, {}, true}};
  for (const std::string& arm : view.arms) {
    const Effect* speed = find_effect(report, view, view.metrics[0], arm);
    const Effect* memory = find_effect(report, view, view.metrics[1], arm);
    if (speed == nullptr || memory == nullptr || !speed->estimate || !memory->estimate) continue;
    points.push_back(
        {arm, *speed->estimate, *memory->estimate, is_again(report.experiment.plan, arm)});
  }
  return points;
}

void fit(svg::Axis& axis, const std::vector<Point>& points, Estimate Point::*effect) {
  constexpr double kLeast = 0.005;
  constexpr double kMargin = 0.08;
  axis.low = -kLeast;
  axis.high = kLeast;
  for (const Point& point : points) {
    const Estimate& estimate = point.*effect;
    axis.low = std::min(axis.low, estimate.bounded() ? estimate.interval.low : estimate.effect);
    axis.high = std::max(axis.high, estimate.bounded() ? estimate.interval.high : estimate.effect);
  }
  const double margin = (axis.high - axis.low) * kMargin;
  axis.low -= margin;
  axis.high += margin;
}

Plot make_plot(const Report& report, const View& view) {
  Plot plot;
  plot.points = points_of(report, view);
  fit(plot.x, plot.points, &Point::memory);
  fit(plot.y, plot.points, &Point::speed);
  plot.x.start = kPlotLeft;
  plot.x.end = kPlotRight;
  const bool up = direction_of_metric(report.experiment.plan, view.metrics[0]) == Better::kHigher;
  plot.y.start = up ? kBottom : kTop;
  plot.y.end = up ? kTop : kBottom;
  return plot;
}

std::string grid(const Plot& plot) {
  constexpr double kAcross = 50;
  constexpr double kAlong = 28;
  const auto css = [](const svg::Tick& tick) { return tick.value == 0 ? "zero" : "axis"; };
  std::string body;
  for (const svg::Tick& tick : svg::change_ticks(plot.x, kAcross)) {
    const double x = plot.x.at(tick.value);
    body += svg::line(x, kTop, x, kBottom, css(tick)) +
            svg::text(x, kBottom + 14, Anchor::kMiddle, tick.label, "small soft");
  }
  for (const svg::Tick& tick : svg::change_ticks(plot.y, kAlong)) {
    const double y = plot.y.at(tick.value);
    body += svg::line(kPlotLeft, y, kPlotRight, y, css(tick)) +
            svg::text(kPlotLeft - 6, y, Anchor::kEnd, tick.label, "small soft");
  }
  return body;
}

std::string directions(const View& view, const Plot& plot) {
  const auto [less, more] = direction_words(view.metrics[1]);
  const auto [lower, higher] = direction_words(view.metrics[0]);
  const std::string& better = plot.y.start > plot.y.end ? higher : lower;
  return svg::text(kPlotLeft, kBottom + 33, Anchor::kStart, "\u2190 " + less, "small soft") +
         svg::text(kPlotRight, kBottom + 33, Anchor::kEnd, more + " \u2192", "small soft") +
         svg::text(0, kTop - 12, Anchor::kStart, "\u2191 " + better, "small soft");
}

// The names stand in a column at the right, in the order of their points, and do not overlap.
std::vector<double> name_heights(const Plot& plot, const std::vector<std::size_t>& order) {
  std::vector<double> heights(order.size());
  double least = kTop;
  for (std::size_t i = 0; i < order.size(); ++i) {
    heights[i] = std::max(least, plot.y.at(plot.points[order[i]].speed.effect));
    least = heights[i] + kNameHeight;
  }
  double most = kBottom;
  for (std::size_t i = order.size(); i-- > 0;) {
    heights[i] = std::min(heights[i], most);
    most = heights[i] - kNameHeight;
  }
  return heights;
}

std::string draw(const Plot& plot, const Point& point, double name_height) {
  const double x = plot.x.at(point.memory.effect);
  const double y = plot.y.at(point.speed.effect);
  const Interval& across = point.memory.interval;
  const Interval& along = point.speed.interval;
  std::string body = svg::line(x + 6, y, kNameLeft - 6, name_height, "leader");
  body += svg::line(plot.x.clamped(across.low), y, plot.x.clamped(across.high), y, "cross") +
          svg::line(x, plot.y.clamped(along.low), x, plot.y.clamped(along.high), "cross") +
          svg::circle(x, y, 4.5, "dot") +
          svg::text(kNameLeft, name_height, Anchor::kStart, svg::shorten(point.name, kNameLetters),
                    point.plain ? "soft" : "strong");
  return svg::group(point.plain ? "plain" : "mark",
                    fmt::format("{}: {} speed metric, {} memory", point.name,
                                percent(point.speed.effect), percent(point.memory.effect)),
                    body);
}

std::vector<std::size_t> top_down(const Plot& plot) {
  std::vector<std::size_t> order(plot.points.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return plot.y.at(plot.points[a].speed.effect) < plot.y.at(plot.points[b].speed.effect);
  });
  return order;
}

}  // namespace

std::string scatter_figure(const Report& report, const View& view) {
  const Plot plot = make_plot(report, view);
  if (plot.points.size() < 2) return {};
  const std::vector<std::size_t> order = top_down(plot);
  const std::vector<double> heights = name_heights(plot, order);
  std::string body = grid(plot) + directions(view, plot);
  for (std::size_t i = 0; i < order.size(); ++i) {
    body += draw(plot, plot.points[order[i]], heights[i]);
  }
  const std::string what =
      fmt::format("{} against {}", metric_label(view.metrics[0]), metric_label(view.metrics[1]));
  return svg::figure({kWidth, kBottom + kFoot}, "half",
                     fmt::format("{} on {}", what, view.workload->name),
                     what + " of each arm as changes against the base, with 95 % intervals.", body);
}

}  // namespace tamari::lab
