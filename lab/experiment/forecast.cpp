// See forecast.h.
#include "lab/experiment/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "lab/command_error.h"
#include "lab/experiment/ready_experiment.h"
#include "lab/table.h"

namespace tamari::lab {
namespace {

std::vector<std::string> arm_names(const Plan& plan) {
  std::vector<std::string> names;
  for (const ArmSpec& arm : plan.arms) names.push_back(arm.name);
  return names;
}

std::string blocks_words(const Stage& stage) {
  return stage.automatic ? fmt::format("{} to {}", stage.automatic->least, stage.automatic->most)
                         : std::to_string(stage.runs);
}

std::string time_words(std::size_t samples, const std::optional<double>& seconds) {
  return seconds ? duration_words(*seconds * static_cast<double>(samples)) : "unknown";
}

}  // namespace

std::size_t most_samples(const Plan& plan, std::size_t stage, std::size_t workload) {
  return block_slots(plan, stage, workload, 0, arm_names(plan)).size() *
         most_blocks(plan.stages[stage]);
}

std::vector<std::optional<double>> measured_seconds(const Plan& plan) {
  ReadyExperiment ready(plan, {});
  std::vector<std::optional<double>> seconds;
  for (const ReadyWorkload& workload : ready.workloads) {
    const auto start = std::chrono::steady_clock::now();
    const auto taken = ready.sampler.take(ready.arms.front(), workload);
    if (!taken) throw CommandError(kInterrupted, "interrupted");
    if (!taken->record.good()) {
      throw CommandError(kHarness,
                         fmt::format("a sample of '{}' on '{}' failed: {}", ready.arms.front().name,
                                     workload.name, taken->record.failure));
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    seconds.push_back(spent.count());
  }
  return seconds;
}

std::vector<std::optional<double>> guessed_seconds(const Plan& plan, unsigned cpus) {
  constexpr double kIterationsPerSecond = 5e6;  // of one CPU, at the slow end
  constexpr double kStart_s = 0.3;
  constexpr double kSuiteSeconds = 3;  // of a workload of bench_suite at scale 1
  std::vector<std::optional<double>> seconds;
  for (const Workload& workload : plan.workloads) {
    if (!workload.lane) {
      seconds.emplace_back();
      continue;
    }
    if (!workload.lane->suite.empty()) {
      seconds.push_back(workload.lane->scale * kSuiteSeconds + kStart_s +
                        static_cast<double>(plan.settle_ms) / 1e3);
      continue;
    }
    const double work = static_cast<double>(workload.lane->iterations) * workload.lane->threads;
    const unsigned used = std::min(cpus, workload.lane->threads);
    seconds.push_back(work / used / kIterationsPerSecond + kStart_s +
                      static_cast<double>(plan.settle_ms) / 1e3);
  }
  return seconds;
}

std::string forecast_words(const Plan& plan, const std::vector<std::optional<double>>& seconds) {
  Table table({"stage", "workload", "blocks", "samples", "a sample", "at most"});
  std::size_t samples = 0;
  std::optional<double> total = 0;
  for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
    for (std::size_t workload = 0; workload < plan.workloads.size(); ++workload) {
      const std::size_t most = most_samples(plan, stage, workload);
      const auto& one = seconds[workload];
      table.add({plan.stages[stage].name, plan.workloads[workload].name,
                 blocks_words(plan.stages[stage]), std::to_string(most), time_words(1, one),
                 time_words(most, one)});
      samples += most;
      total =
          total && one ? std::optional(*total + *one * static_cast<double>(most)) : std::nullopt;
    }
  }
  return table.render(false) + fmt::format("{} arms, {} workloads: at most {} samples in {}\n",
                                           plan.arms.size(), plan.workloads.size(), samples,
                                           total ? duration_words(*total) : "unknown time");
}

std::string duration_words(double seconds) {
  constexpr long kMinute = 60;
  constexpr long kHour = 3600;
  constexpr double kShort = 10;
  if (seconds < kShort) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < kMinute) return fmt::format("{} s", whole);
  if (whole < kHour) return fmt::format("{} min {} s", whole / kMinute, whole % kMinute);
  return fmt::format("{} h {} min", whole / kHour, whole % kHour / kMinute);
}

}  // namespace tamari::lab
