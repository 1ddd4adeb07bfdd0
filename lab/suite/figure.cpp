// See figure.h. The axis is logarithmic: half and double are equally far from 1.
#include "lab/suite/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "lab/experiment/svg.h"

namespace tamari::lab {
namespace {

using svg::Anchor;

constexpr double kWidth = 560;
constexpr double kPlotLeft = 130;
constexpr double kPlotRight = 480;
constexpr double kTop = 26;
constexpr double kRow = 22;
constexpr double kBar = 12;
constexpr double kFoot = 26;
// Farther bars end at the edge; their figure stands beside them all the same.
constexpr double kFarthest = 8;

struct Measure {
  const char* title;
  double limit;
  std::function<const std::optional<Standing>&(const RowFigures&)> standing;
  std::function<bool(const RowFigures&)> beyond;
  std::function<std::string(const RowFigures&)> key;
};

double log_ratio(double ratio) { return std::log(std::clamp(ratio, 1 / kFarthest, kFarthest)); }

// The peer's median over the best peer's: the place of its dot.
std::vector<std::pair<std::string, double>> peer_ratios(const RowFigures& row,
                                                        const Measure& measure) {
  std::vector<std::pair<std::string, double>> ratios;
  const auto& standing = measure.standing(row);
  const double best = row.arm(standing->peer)->median_of(measure.key(row)).value_or(0);
  for (const ArmSummary& arm : row.arms) {
    const auto median = arm.median_of(measure.key(row));
    if (arm.arm == "tamari" || !median || best <= 0) continue;
    ratios.emplace_back(arm.arm, *median / best);
  }
  return ratios;
}

svg::Axis make_axis(const SuiteFigures& figures, const Measure& measure) {
  constexpr double kMargin = 0.08;
  svg::Axis axis{-kMargin, std::log(measure.limit) + kMargin, kPlotLeft, kPlotRight};
  const auto widen = [&](double ratio) {
    axis.low = std::min(axis.low, log_ratio(ratio) - kMargin);
    axis.high = std::max(axis.high, log_ratio(ratio) + kMargin);
  };
  for (const RowFigures& row : figures.rows) {
    if (!measure.standing(row)) continue;
    widen(measure.standing(row)->ratio.value);
    for (const auto& peer : peer_ratios(row, measure)) widen(peer.second);
  }
  return axis;
}

std::string grid(const svg::Axis& axis, const Measure& measure, double bottom) {
  constexpr double kGap = 40;
  std::string body;
  for (const svg::Tick& tick : svg::change_ticks(axis, kGap)) {
    const double x = axis.at(tick.value);
    body += svg::line(x, kTop, x, bottom, tick.value == 0 ? "zero" : "axis") +
            svg::text(x, bottom + kFoot / 2, Anchor::kMiddle, tick.label, "small soft");
  }
  const double limit = axis.at(std::log(measure.limit));
  return body + svg::line(limit, kTop - 6, limit, bottom, "gate") +
         svg::text(limit, kTop - 16, Anchor::kMiddle, fmt::format("{:.2f}x", measure.limit),
                   "small strong");
}

std::string whisker(const svg::Axis& axis, const Ratio& ratio, double y) {
  if (!ratio.interval) return {};
  return svg::line(axis.clamped(log_ratio(ratio.interval->low)), y,
                   axis.clamped(log_ratio(ratio.interval->high)), y, "whisker");
}

std::string row_body(const RowFigures& row, const Measure& measure, const svg::Axis& axis,
                     double y) {
  std::string body = svg::text(0, y, Anchor::kStart, svg::shorten(row.run->row.name, 18));
  const auto& standing = measure.standing(row);
  if (!standing) return body + svg::text(kWidth, y, Anchor::kEnd, "no figure", "small soft");
  const double here = axis.at(log_ratio(standing->ratio.value));
  const double zero = axis.at(0);
  body += svg::rect(std::min(here, zero), y - kBar / 2, std::max(1.0, std::abs(here - zero)), kBar,
                    measure.beyond(row) ? "beyond-limit"
                    : here <= zero      ? "within ahead"
                                        : "within");
  for (const auto& [peer, ratio] : peer_ratios(row, measure)) {
    body += svg::group("plain", fmt::format("{}: {:.2f}x of the best", peer, ratio),
                       svg::circle(axis.at(log_ratio(ratio)), y, 2.6, "dot"));
  }
  return body + whisker(axis, standing->ratio, y) +
         svg::text(kWidth, y, Anchor::kEnd, fmt::format("{:.2f}x", standing->ratio.value),
                   measure.beyond(row) ? "bad strong" : "");
}

std::string figure(const SuiteFigures& figures, const Measure& measure) {
  const svg::Axis axis = make_axis(figures, measure);
  const double bottom = kTop + kRow * static_cast<double>(figures.rows.size());
  std::string body = grid(axis, measure, bottom);
  std::string words;
  double y = kTop + kRow / 2;
  for (const RowFigures& row : figures.rows) {
    const auto& standing = measure.standing(row);
    const std::string title = standing ? fmt::format("{}: {:.2f}x of {}", row.run->row.name,
                                                     standing->ratio.value, standing->peer)
                                       : row.run->row.name + ": no figure";
    body += svg::group("", title, row_body(row, measure, axis, y));
    words += title + ". ";
    y += kRow;
  }
  return fmt::format(
      "<figure><figcaption>{} <span class=\"soft\">bar: tamari over the best peer; "
      "dots: the other allocators</span></figcaption>\n{}</figure>\n",
      measure.title, svg::figure({kWidth, bottom + kFoot}, "half", measure.title, words, body));
}

}  // namespace

std::string ratio_figures(const SuiteFigures& figures) {
  using Maybe = std::optional<Standing>;
  const Measure time = {"Time", kTimeLimit,
                        [](const RowFigures& row) -> const Maybe& { return row.time; },
                        [](const RowFigures& row) { return row.beyond_time(); },
                        [](const RowFigures& row) { return time_key(row.run->row); }};
  const Measure peak = {"Peak RSS", kMemoryLimit,
                        [](const RowFigures& row) -> const Maybe& { return row.peak; },
                        [](const RowFigures& row) { return row.beyond_peak(); },
                        [](const RowFigures&) { return kPeak; }};
  const bool any = std::any_of(figures.rows.begin(), figures.rows.end(),
                               [](const RowFigures& row) { return row.time || row.peak; });
  if (!any) return {};
  return "<div class=\"pair\">\n" + figure(figures, time) + figure(figures, peak) + "</div>\n";
}

}  // namespace tamari::lab
