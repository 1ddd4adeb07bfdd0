// See lane_runner.h.
#include "lab/lane_runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <numeric>
#include <random>
#include <utility>

#include "lab/child.h"

namespace tamari::lab {
namespace {

ChildRequest bench_request(const Lane& lane, const Arm& arm, const SampleSettings& settings) {
  ChildRequest request;
  request.argv = {settings.bench, fmt::format("--settle={}", settings.settle_ms)};
  for (const std::string& argument : lane.arguments()) request.argv.push_back(argument);
  request.environment = arm.environment();
  request.timeout_s = settings.timeout_s;
  request.must_map = arm.identity;
  return request;
}

// Fisher-Yates by hand: std::shuffle may differ between libraries, and a seed is a promise.
std::vector<std::size_t> random_order(std::size_t count, std::mt19937_64& random) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

}  // namespace

Progress::Progress(std::size_t samples) : total_(samples), terminal_(isatty(STDERR_FILENO) == 1) {}

std::string Progress::remaining() const {
  if (done_ == 0) return "ETA -";
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  const double seconds = std::chrono::duration<double>(elapsed).count() *
                         static_cast<double>(total_ - done_) / static_cast<double>(done_);
  const auto whole = static_cast<long>(seconds + 0.5);
  return whole >= 60 ? fmt::format("ETA {}m{:02}s", whole / 60, whole % 60)
                     : fmt::format("ETA {}s", whole);
}

void Progress::before(const std::string& lane, std::size_t round, std::size_t rounds,
                      const std::string& arm) {
  const std::string where = fmt::format("{}: round {}/{}", lane, round + 1, rounds);
  if (terminal_) {
    fmt::print(stderr, "\r\033[K{} {} ({}/{} samples) {}", where, arm, done_ + 1, total_,
               remaining());
  } else if (round != last_round_ || lane != last_lane_) {
    fmt::print(stderr, "{} {}\n", where, remaining());
  }
  last_round_ = round;
  last_lane_ = lane;
  std::fflush(stderr);
}

void Progress::after() { ++done_; }

void Progress::clear() {
  if (terminal_) fmt::print(stderr, "\r\033[K");
}

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
      progress.before(lane.name, round, settings.runs, arm.name);
      const ChildResult child = run_child(bench_request(lane, arm, settings));
      if (child.interrupted) return run;
      Sample sample = make_sample(child);
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
