// See curve_figure.h.
#include "lab/suite/curve_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "lab/experiment/svg.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

using svg::Anchor;

constexpr double kWidth = 560;
constexpr double kHeight = 300;
constexpr double kPlotLeft = 50;
constexpr double kPlotRight = 470;
constexpr double kPlotTop = 10;
constexpr double kPlotBottom = 270;
constexpr double kDot = 2.6;

struct Axes {
  svg::Axis x;
  svg::Axis y;

  double across(double value) const { return x.at(std::log(value)); }
  double up(double value) const { return y.at(std::log(value)); }
};

bool is_ours(const Curve& curve) { return curve.name == "tamari"; }

bool drawn(const std::optional<double>& value) { return value && *value > 0; }

// Null where no value can be drawn.
std::optional<Axes> make_axes(const CurveChart& chart) {
  constexpr double kMargin = 0.12;
  std::optional<double> low;
  std::optional<double> high;
  for (const Curve& curve : chart.curves) {
    for (const auto& value : curve.values) {
      if (!drawn(value)) continue;
      low = std::min(low.value_or(*value), *value);
      high = std::max(high.value_or(*value), *value);
    }
  }
  if (!low) return std::nullopt;
  // A flat curve looks flat: the axis spans a factor of four or more.
  const double middle = (std::log(*low) + std::log(*high)) / 2;
  const double half = std::max(std::log(2.0), (std::log(*high) - std::log(*low)) / 2) + kMargin;
  const double left = std::log(chart.at.front());
  const double right = std::max(std::log(chart.at.back()), left + kMargin);
  return Axes{{left, right, kPlotLeft, kPlotRight},
              {middle - half, middle + half, kPlotBottom, kPlotTop}};
}

std::string places(const CurveChart& chart, const Axes& axes) {
  constexpr double kGap = 38;
  std::string body;
  double last = -kGap;
  for (std::size_t i = 0; i < chart.at.size(); ++i) {
    const double x = axes.across(chart.at[i]);
    body += svg::line(x, kPlotTop, x, kPlotBottom, "axis");
    const bool crowded = x - last < kGap && i + 1 < chart.at.size();
    const bool before_last = i + 1 < chart.at.size() && axes.across(chart.at.back()) - x < kGap;
    if (crowded || before_last) continue;
    body += svg::text(x, kPlotBottom + 14, Anchor::kMiddle, chart.labels[i], "small soft");
    last = x;
  }
  return body;
}

// 1, 2 and 5 of each power of ten, as many as there is room for.
std::string heights(const Axes& axes) {
  constexpr double kGap = 18;
  std::string body;
  double last = kPlotBottom + kGap;
  const auto first = static_cast<int>(std::floor(axes.y.low / std::log(10)));
  const auto end = static_cast<int>(std::ceil(axes.y.high / std::log(10)));
  const bool narrow = (axes.y.high - axes.y.low) < 3 * std::log(10);
  for (int power = first; power <= end; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10, power);
      if (!axes.y.shows(std::log(value)) || (factor > 1 && !narrow)) continue;
      const double y = axes.up(value);
      if (last - y < kGap) continue;
      body += svg::line(kPlotLeft, y, kPlotRight, y, "axis") +
              svg::text(kPlotLeft - 6, y, Anchor::kEnd, fmt::format("{:g}", value), "small soft");
      last = y;
    }
  }
  return body;
}

std::string curve_body(const CurveChart& chart, const Curve& curve, const Axes& axes) {
  const bool ours = is_ours(curve);
  std::string body;
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < curve.values.size(); ++i) {
    if (!drawn(curve.values[i])) continue;
    const double x = axes.across(chart.at[i]);
    const double y = axes.up(*curve.values[i]);
    if (last) {
      body += svg::line(axes.across(chart.at[*last]), axes.up(*curve.values[*last]), x, y,
                        ours ? "our-curve" : "curve");
    }
    body += svg::group(ours ? "our-point" : "plain",
                       fmt::format("{}, {}: {:.4g}", curve.name, chart.labels[i], *curve.values[i]),
                       svg::circle(x, y, kDot, "dot"));
    last = i;
  }
  return body;
}

struct EndLabel {
  std::string name;
  double from = 0;  // where the curve ends
  double y = 0;     // where the name stands
};

// Moved apart, so that no name lies on another.
std::vector<EndLabel> end_labels(const CurveChart& chart, const Axes& axes) {
  constexpr double kLine = 15;
  std::vector<EndLabel> labels;
  for (const Curve& curve : chart.curves) {
    const auto last = std::find_if(curve.values.rbegin(), curve.values.rend(), drawn);
    if (last == curve.values.rend()) continue;
    labels.push_back({curve.name, axes.up(**last), axes.up(**last)});
  }
  std::sort(labels.begin(), labels.end(),
            [](const EndLabel& a, const EndLabel& b) { return a.from < b.from; });
  double free_from = kPlotTop;
  for (EndLabel& label : labels) {
    label.y = std::max(label.y, free_from);
    free_from = label.y + kLine;
  }
  double free_to = kPlotBottom;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->y = std::min(label->y, free_to);
    free_to = label->y - kLine;
  }
  return labels;
}

std::string names(const CurveChart& chart, const Axes& axes) {
  constexpr double kNameLeft = kPlotRight + 18;
  std::string body;
  for (const EndLabel& label : end_labels(chart, axes)) {
    body += svg::line(kPlotRight + kDot + 1, label.from, kNameLeft - 3, label.y, "leader") +
            svg::text(kNameLeft, label.y, Anchor::kStart, svg::shorten(label.name, 11),
                      label.name == "tamari" ? "small strong" : "small");
  }
  return body;
}

}  // namespace

std::string curve_figure(const CurveChart& chart) {
  const auto axes = make_axes(chart);
  if (!axes) return {};
  std::string body = places(chart, *axes) + heights(*axes);
  // Ours last, on top.
  for (const bool ours : {false, true}) {
    for (const Curve& curve : chart.curves) {
      if (is_ours(curve) == ours) body += curve_body(chart, curve, *axes);
    }
  }
  body += names(chart, *axes);
  return fmt::format(
      "<figure><figcaption>{} <span class=\"soft\">{}</span></figcaption>\n{}</figure>\n",
      escape_html(chart.title), escape_html(chart.note),
      svg::figure({kWidth, kHeight}, "half", chart.title, "The tables have the figures.", body));
}

}  // namespace tamari::lab
