// See report_text.h. Units: M ops = 1e6 operations, MiB = 1024 KiB.
#include "lab/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "lab/table.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr double kThousand = 1e3;

std::string format_interval(const ArmSummary& summary, const std::string& key, double unit) {
  const auto found = summary.metrics.find(key);
  if (found == summary.metrics.end() || !found->second.interval) return "-";
  const Interval& interval = *found->second.interval;
  return fmt::format("[{:.2f}, {:.2f}]", interval.low / unit, interval.high / unit);
}

Table lane_table(const std::vector<ArmSummary>& summaries) {
  Table table({"arm", "M ops/s", "95 % interval", "M ops/cpu-s", "peak MiB", "settled MiB",
               "remote %", "k faults", "failed"});
  for (const ArmSummary& summary : summaries) {
    const auto cell = [&](const char* key, int decimals, double unit) {
      return format_or_dash(summary.median_of(key), decimals, unit);
    };
    table.add({summary.arm, cell(kSpeed, 2, kMillion), format_interval(summary, kSpeed, kMillion),
               cell(kCpuSpeed, 2, kMillion), cell(kPeak, 1, kKibPerMib),
               cell(kSettled, 1, kKibPerMib), cell(kRemote, 1, 1), cell(kFaults, 1, kThousand),
               fmt::format("{}/{}", summary.failed, summary.good + summary.failed)},
              summary.arm == "tamari");
  }
  return table;
}

void print_failures(const LaneRun& run) {
  for (const Sample& sample : run.samples) {
    if (sample.good()) continue;
    fmt::print("failed: {} round {}: {}\n", sample.arm, sample.round + 1, sample.failure);
  }
}

void print_failed_allocations(const std::vector<ArmSummary>& summaries) {
  for (const ArmSummary& summary : summaries) {
    const auto failed = summary.median_of("failed_allocs");
    if (failed.value_or(0) > 0) {
      fmt::print("{}: malloc failed {:.0f} times (median)\n", summary.arm, *failed);
    }
  }
}

}  // namespace

std::string format_ratio(const Ratio& ratio) {
  std::string text = fmt::format("{:.2f}x", ratio.value);
  if (ratio.interval) {
    text += fmt::format(" [{:.2f}, {:.2f}]", ratio.interval->low, ratio.interval->high);
  }
  return text;
}

std::string standing_line(const LaneRun& run) {
  const auto part = [](const char* what, const char* which, const std::optional<Standing>& s) {
    return s ? fmt::format("{} {} of the {} peer ({})", what, format_ratio(s->ratio), which,
                           s->peer)
             : std::string();
  };
  std::vector<std::string> parts = {
      part("speed", "fastest", against_fastest(run)),
      part("peak RSS", "leanest", against_leanest(run, kPeak)),
      part("settled RSS", "leanest", against_leanest(run, kSettled)),
  };
  std::erase(parts, "");
  return parts.empty() ? "" : "tamari: " + join(parts, ", ");
}

void print_lane_list(unsigned cpus) {
  Table table({"lane", "arguments on this machine", "about"}, Cells::kWords);
  for (const Lane& lane : all_lanes()) {
    const auto arguments = effective_lane(lane, {}, cpus).arguments();
    table.add({lane.name, join(arguments, " "), lane.about});
  }
  fmt::print(
      "{}\nDefault: {}. Arguments: THREADS ITERS SLOTS MIN MAX REMOTE% RING TOUCH MATCHED, or "
      "those of "
      "bench_suite.\n",
      table.render(colour_wanted()), join(default_lane_names(), ", "));
}

void print_heading(const BenchReport& report) {
  fmt::print("{}; {}; {} of {} CPUs; {} runs, seed {}, settle {} ms\n", report.machine.kernel,
             report.machine.cpu_model, report.machine.cpus_allowed, report.machine.cpus_online,
             report.settings.runs, report.settings.seed, report.settings.settle_ms);
  std::fflush(stdout);
}

void print_lane(const LaneRun& run) {
  const std::vector<ArmSummary> summaries = summarise(run);
  fmt::print("\n{}: {} ({}){}\n{}", run.lane.name, join(run.lane.arguments(), " "), run.lane.about,
             run.complete ? "" : ", interrupted", lane_table(summaries).render(colour_wanted()));
  print_failures(run);
  print_failed_allocations(summaries);
  for (const std::string& line : cautions(run)) fmt::print("caution: {}\n", line);
  if (const std::string line = standing_line(run); !line.empty()) fmt::print("{}\n", line);
  std::fflush(stdout);
}

}  // namespace tamari::lab
