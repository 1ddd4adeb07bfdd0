// See rounds.h.
#include "lab/suite/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include "lab/experiment/progress.h"
#include "lab/random_order.h"

namespace tamari::lab {
namespace {

constexpr double kNanoseconds = 1e9;

// False if the user has interrupted.
bool run_row(const Sampling& sampling, SuiteReport& report, RowRun& run, std::mt19937_64& random,
             Progress& progress) {
  const std::vector<Arm>& arms = report.contestants.arms;
  std::size_t place = 0;
  for (const std::size_t index : random_order(arms.size(), random)) {
    const Arm& arm = arms[index];
    progress.before(
        fmt::format("round {}/{}: {}", report.rounds_done + 1, report.runs, run.row.name),
        arm.name);
    const ChildResult child = run_child(sampling.request(run.row, arm));
    if (child.interrupted) return false;
    Sample sample = sampling.judge(child, arm);
    add_derived_values(sample);
    sample.arm = arm.name;
    sample.round = report.rounds_done;
    sample.order = place++;
    run.samples.push_back(std::move(sample));
    progress.after();
  }
  refuse_odd_checksums(run);
  return true;
}

}  // namespace

Sampling program_sampling(double timeout_s) {
  const auto request = [timeout_s](const SuiteRow& row, const Arm& arm) {
    ChildRequest child;
    child.argv = row.command;
    child.environment = arm.environment();
    child.timeout_s = timeout_s;
    return child;
  };
  const auto judge = [](const ChildResult& child, const Arm& arm) {
    return make_proved_sample(child, arm.identity);
  };
  return {request, judge};
}

void add_derived_values(Sample& sample) {
  const auto user = sample.value("user_s");
  const auto system = sample.value("sys_s");
  if (!user || !system) return;
  sample.values[kCpu] = *user + *system;
  const double ops = sample.value("ops").value_or(0);
  if (ops > 0) sample.values[kCpuPerOp] = (*user + *system) / ops * kNanoseconds;
}

void refuse_odd_checksums(RowRun& run) {
  if (!run.row.same_checksum) return;
  std::map<double, std::size_t> counts;
  for (const Sample& sample : run.samples) {
    if (const auto checksum = sample.value(kChecksum)) ++counts[*checksum];
  }
  if (counts.size() < 2) return;
  const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto [right, most] = *std::max_element(counts.begin(), counts.end(), fewer);
  const bool tie = std::count_if(counts.begin(), counts.end(), [most = most](const auto& count) {
                     return count.second == most;
                   }) > 1;
  const std::string comparison = tie ? std::string("others have another as often")
                                     : fmt::format("that of most samples {:.0f}", right);
  for (Sample& sample : run.samples) {
    const auto checksum = sample.value(kChecksum);
    if (!checksum || (*checksum == right && !tie)) continue;
    sample.failure = fmt::format("its checksum is {:.0f}, {}", *checksum, comparison);
    sample.values.clear();
  }
}

void run_rounds(const Sampling& sampling, const std::function<void()>& after_round,
                SuiteReport& report) {
  std::mt19937_64 random(report.seed);
  Progress progress(report.rows.size() * report.contestants.arms.size() * report.runs);
  for (RowRun& run : report.rows) {
    for (const Arm& arm : report.contestants.arms) run.arms.push_back(arm.name);
  }
  while (report.partial()) {
    for (RowRun& run : report.rows) {
      if (!run_row(sampling, report, run, random, progress)) return progress.clear();
    }
    ++report.rounds_done;
    for (RowRun& run : report.rows) run.complete = !report.partial();
    after_round();
  }
  progress.clear();
}

}  // namespace tamari::lab
