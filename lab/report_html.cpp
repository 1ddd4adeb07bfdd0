// See report_html.h.
#include "lab/report_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "lab/page.h"
#include "lab/report_text.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// The chart's geometry, in SVG units.
constexpr double kWidth = 720;
constexpr double kLabelWidth = 110;
constexpr double kValueWidth = 80;
constexpr double kRowHeight = 26;
constexpr double kBarHeight = 16;
constexpr double kBarArea = kWidth - kLabelWidth - kValueWidth;

struct Chart {
  const char* title;
  const char* metric;
  double unit;
};

constexpr Chart kCharts[] = {
    {"Speed, M ops/s (longer is faster)", kSpeed, kMillion},
    {"Peak RSS, MiB (shorter is leaner)", kPeak, kKibPerMib},
};

constexpr MetricColumn kColumns[] = {
    {"M ops/s", kSpeed, kMillion, 2},      {"M ops/cpu-s", kCpuSpeed, kMillion, 2},
    {"peak MiB", kPeak, kKibPerMib, 1},    {"settled MiB", kSettled, kKibPerMib, 1},
    {"remote %", kRemote, 1, 1},           {"faults", kFaults, 1, 0},
    {"fallbacks", "ring_fallbacks", 1, 0}, {"failed mallocs", "failed_allocs", 1, 0},
};

const MetricSummary* find_metric(const ArmSummary& summary, const char* key) {
  const auto found = summary.metrics.find(key);
  return found == summary.metrics.end() ? nullptr : &found->second;
}

double largest(const std::vector<ArmSummary>& summaries, const char* key) {
  double most = 0;
  for (const ArmSummary& summary : summaries) {
    const MetricSummary* metric = find_metric(summary, key);
    if (metric == nullptr || !metric->median) continue;
    most = std::max({most, *metric->median, metric->interval ? metric->interval->high : 0});
  }
  return most;
}

std::string whisker(const Interval& interval, double scale, double middle) {
  const double left = kLabelWidth + interval.low * scale;
  const double right = kLabelWidth + interval.high * scale;
  const auto line = [](double x1, double y1, double x2, double y2) {
    return fmt::format(
        "<line class=\"whisker\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", x1, y1,
        x2, y2);
  };
  constexpr double kCap = 4;
  return line(left, middle, right, middle) + line(left, middle - kCap, left, middle + kCap) +
         line(right, middle - kCap, right, middle + kCap);
}

std::string svg_text(double x, double middle, const char* anchor, const std::string& words) {
  constexpr double kBaseline = 4.5;  // below the middle of a line of 13 units
  return fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", x,
                     middle + kBaseline, anchor, escape_html(words));
}

std::string bar(const ArmSummary& summary, const Chart& chart, double scale, double top) {
  const double middle = top + kRowHeight / 2;
  std::string text = svg_text(0, middle, "start", summary.arm);
  const MetricSummary* metric = find_metric(summary, chart.metric);
  if (metric == nullptr || !metric->median) {
    return text + svg_text(kLabelWidth, middle, "start", "no good sample") + "\n";
  }
  text += fmt::format(
      "<rect class=\"{}\" x=\"{}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" rx=\"2\"/>",
      summary.arm == "tamari" ? "ours" : "bar", kLabelWidth, middle - kBarHeight / 2,
      *metric->median * scale, kBarHeight);
  if (metric->interval) text += whisker(*metric->interval, scale, middle);
  return text + svg_text(kWidth, middle, "end", format_or_dash(metric->median, 2, chart.unit)) +
         "\n";
}

std::string svg(const std::vector<ArmSummary>& summaries, const Chart& chart) {
  const double most = largest(summaries, chart.metric);
  const double scale = most > 0 ? kBarArea / most : 0;
  std::string text = fmt::format(
      "<h3>{}</h3>\n<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">\n", chart.title,
      chart.title, kWidth, kRowHeight * static_cast<double>(summaries.size()));
  double top = 0;
  for (const ArmSummary& summary : summaries) {
    text += bar(summary, chart, scale, top);
    top += kRowHeight;
  }
  return text + "</svg>\n";
}

std::string table_row(const ArmSummary& summary) {
  std::string row =
      fmt::format("<tr{}><td>{}</td>", summary.arm == "tamari" ? " class=\"ours\"" : "",
                  escape_html(summary.arm));
  for (const MetricColumn& column : kColumns) {
    row += fmt::format("<td>{}</td>", column.words_for(summary));
  }
  return row +
         fmt::format("<td>{} of {}</td></tr>\n", summary.failed, summary.failed + summary.good);
}

std::string table(const std::vector<ArmSummary>& summaries) {
  std::string text = "<div class=\"wide\"><table><tr><th>arm</th>";
  for (const MetricColumn& column : kColumns) text += fmt::format("<th>{}</th>", column.heading);
  text += "<th>failed samples</th></tr>\n";
  for (const ArmSummary& summary : summaries) text += table_row(summary);
  return text + "</table></div>\n";
}

std::string failures(const LaneRun& run) {
  std::string text;
  for (const Sample& sample : run.samples) {
    if (sample.good()) continue;
    text += fmt::format("<p>Failed: {}, round {}: {}</p>\n", escape_html(sample.arm),
                        sample.round + 1, escape_html(sample.failure));
  }
  return text;
}

std::string section(const LaneRun& run) {
  const std::vector<ArmSummary> summaries = summarise(run);
  std::string text =
      fmt::format("<h2>{}</h2>\n<p class=\"soft\">{}{}<br><code>{}</code></p>\n",
                  escape_html(run.lane.name), escape_html(run.lane.about),
                  run.complete ? "" : " (interrupted)", join(run.lane.arguments(), " "));
  if (const std::string line = standing_line(run); !line.empty()) {
    text += fmt::format("<p>{}</p>\n", escape_html(line));
  }
  for (const std::string& line : cautions(run)) {
    text += fmt::format("<p>Caution: {}</p>\n", escape_html(line));
  }
  for (const Chart& chart : kCharts) text += svg(summaries, chart);
  return text + table(summaries) + failures(run);
}

std::string arms_table(const BenchReport& report) {
  std::string text =
      "<h2>Arms</h2>\n<div class=\"wide\"><table><tr><th>arm</th><th>library</th><th>sha256</th>"
      "<th>settings</th></tr>\n";
  for (const Arm& arm : report.contestants.arms) {
    text += fmt::format("<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td></tr>\n",
                        escape_html(arm.name), escape_html(arm.library), arm.sha256.substr(0, 16),
                        escape_html(arm.settings));
  }
  return text + "</table></div>\n";
}

std::string heading(const BenchReport& report) {
  const Machine& machine = report.machine;
  std::string text = fmt::format(
      "<h1>tamari bench lanes</h1>\n<p class=\"soft\">{}; {}; {}; {} of {} CPUs; {} runs, "
      "interleaved, seed {}; settle {} ms. Figures are medians, whiskers and brackets 95 % "
      "bootstrap intervals.</p>\n",
      escape_html(machine.date), escape_html(machine.kernel), escape_html(machine.cpu_model),
      machine.cpus_allowed, machine.cpus_online, report.settings.runs, report.settings.seed,
      report.settings.settle_ms);
  for (const MissingPeer& peer : report.contestants.missing) {
    text += fmt::format("<p class=\"soft\">{}</p>\n", escape_html(peer.words()));
  }
  for (const RefusedArm& arm : report.contestants.refused) {
    text += fmt::format("<p>Refused: {} does not own malloc: {}</p>\n", escape_html(arm.name),
                        escape_html(arm.reason));
  }
  return text;
}

}  // namespace

std::string html_report(const BenchReport& report) {
  std::string body = heading(report);
  for (const LaneRun& run : report.lanes) body += section(run);
  body += arms_table(report);
  return html_page("tamari bench lanes", body);
}

}  // namespace tamari::lab
