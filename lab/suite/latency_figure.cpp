// See latency_figure.h.
#include "lab/suite/latency_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "lab/experiment/svg.h"

namespace tamari::lab {
namespace {

using svg::Anchor;

constexpr double kWidth = 560;
constexpr double kPlotLeft = 150;
constexpr double kRow = 20;
constexpr double kCell = 14;  // height
constexpr double kFoot = 24;
// From 4 ns to 1 s.
constexpr int kFirst = 2;
constexpr int kLast = 30;
constexpr double kColumn = (kWidth - kPlotLeft) / (kLast - kFirst + 1);

double left_of(double doubling) { return kPlotLeft + (doubling - kFirst) * kColumn; }

// One call in ten million is faint and still there, all calls are full.
double opacity(double share) {
  constexpr double kFaintest = 0.12;
  constexpr double kDecades = 7;
  return std::clamp(1 + std::log10(share) / kDecades, kFaintest, 1.0);
}

std::string cell(const std::string& arm, int doubling, double calls, double all, double top) {
  const int column = std::clamp(doubling, kFirst + 1, kLast + 1) - 1;
  return fmt::format(
      "<rect class=\"{}\" fill-opacity=\"{:.2f}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
      "height=\"{}\"><title>{}: {:.3g} of {:.3g} calls below {:.4g} ns</title></rect>\n",
      arm.rfind("tamari", 0) == 0 ? "tamari-heat" : "heat", opacity(calls / all), left_of(column),
      top + (kRow - kCell) / 2, kColumn - 1, kCell, arm, calls, all, std::ldexp(1, doubling));
}

std::string axis(double bottom) {
  struct Mark {
    double ns;
    const char* label;
  };
  constexpr Mark kMarks[] = {{10, "10 ns"},   {100, "100 ns"}, {1e3, "1 us"},  {1e4, "10 us"},
                             {1e5, "100 us"}, {1e6, "1 ms"},   {1e7, "10 ms"}, {1e8, "100 ms"}};
  std::string body;
  for (const Mark& mark : kMarks) {
    const double x = left_of(std::log2(mark.ns));
    body += svg::line(x, 0, x, bottom, "axis") +
            svg::text(x, bottom + kFoot / 2, Anchor::kMiddle, mark.label, "small soft");
  }
  return body;
}

std::string figure(const std::string& title, const ArmSamples& run, const std::string& call) {
  const double bottom = kRow * static_cast<double>(run.arms.size());
  std::string body = axis(bottom);
  double top = 0;
  for (const std::string& arm : run.arms) {
    body += svg::text(0, top + kRow / 2, Anchor::kStart, svg::shorten(arm, 22));
    const auto histogram = latency_histogram(run, arm, call);
    double all = 0;
    for (const auto& entry : histogram) all += entry.second;
    for (const auto& [doubling, calls] : histogram) body += cell(arm, doubling, calls, all, top);
    top += kRow;
  }
  const std::string name = fmt::format("{}: {}", title, call);
  return fmt::format("<figure><figcaption>{}</figcaption>\n{}</figure>\n", name,
                     svg::figure({kWidth, bottom + kFoot}, "half", name,
                                 "Histogram of latencies; the tables have the percentiles.", body));
}

}  // namespace

std::map<int, double> latency_histogram(const ArmSamples& run, const std::string& arm,
                                        const std::string& call) {
  const std::string prefix = call + "_below_";
  std::map<int, double> histogram;
  for (const Sample& sample : run.samples) {
    if (sample.arm != arm) continue;
    for (auto entry = sample.values.lower_bound(prefix);
         entry != sample.values.end() && entry->first.rfind(prefix, 0) == 0; ++entry) {
      const double end_ns = std::strtod(entry->first.c_str() + prefix.size(), nullptr);
      histogram[static_cast<int>(std::lround(std::log2(end_ns)))] += entry->second;
    }
  }
  return histogram;
}

std::string latency_figures(const std::string& title, const ArmSamples& run) {
  const bool any = std::any_of(run.samples.begin(), run.samples.end(),
                               [](const Sample& sample) { return sample.good(); });
  if (!any) return {};
  return "<div class=\"pair\">\n" + figure(title, run, "malloc") + figure(title, run, "free") +
         "</div>\n";
}

}  // namespace tamari::lab
