// See lane_runner.h.
#include "lab/lane_runner.h"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "lab/child.h"
#include "lab/installation.h"
#include "lab/random_order.h"

namespace tamari::lab {
namespace {

ChildRequest bench_request(const Lane& lane, const Arm& arm, const SampleSettings& settings) {
  ChildRequest request;
  const std::string program = lane.suite.empty() ? settings.bench : require_bench(kSuiteName, "");
  request.argv = {program, fmt::format("--settle={}", settings.settle_ms)};
  for (const std::string& argument : lane.arguments()) request.argv.push_back(argument);
  request.environment = arm.environment();
  request.timeout_s = settings.timeout_s;
  return request;
}

}  // namespace

LaneRun run_lane(const Lane& lane, const std::vector<Arm>& arms, const SampleSettings& settings,
                 Progress& progress) {
  LaneRun run;
  run.lane = lane;
  for (const Arm& arm : arms) run.arms.push_back(arm.name);
  std::mt19937_64 random(settings.seed);
  for (std::size_t round = 0; round < settings.runs; ++round) {
    std::size_t place = 0;
    for (const std::size_t index : random_order(arms.size(), random)) {
      const Arm& arm = arms[index];
      progress.before(fmt::format("{}: round {}/{}", lane.name, round + 1, settings.runs),
                      arm.name);
      const ChildResult child = run_child(bench_request(lane, arm, settings));
      if (child.interrupted) return run;
      Sample sample = make_proved_sample(child, arm.identity);
      sample.arm = arm.name;
      sample.round = round;
      sample.order = place++;
      run.samples.push_back(std::move(sample));
      progress.after();
    }
  }
  run.complete = true;
  return run;
}

}  // namespace tamari::lab
