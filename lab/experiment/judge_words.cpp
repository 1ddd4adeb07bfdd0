// See judge_words.h.
#include "lab/experiment/judge_words.h"

#include <fmt/format.h>

#include <cmath>

namespace tamari::lab {
namespace {

// What rounds to nothing has no sign.
std::string tenths(double log_ratio) {
  const double change = std::round(1000 * std::expm1(log_ratio)) / 10;
  return change == 0 ? "0.0" : fmt::format("{:+.1f}", change);
}

}  // namespace

std::string change_words(double log_ratio) { return tenths(log_ratio) + "%"; }

std::string estimate_words(const Estimate& estimate) {
  if (!estimate.bounded()) return change_words(estimate.effect) + " [unbounded]";
  return fmt::format("{} [{}, {}]", change_words(estimate.effect), tenths(estimate.interval.low),
                     tenths(estimate.interval.high));
}

std::string subject_words(const GateResult& result) {
  return fmt::format("{} {}", result.workload, result.gate.metric);
}

std::string counted(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string needed_words(const GateResult& result) {
  if (!result.blocks_needed) return "";
  return fmt::format(" (about {} would tell)", counted(*result.blocks_needed, "block"));
}

}  // namespace tamari::lab
