// One gate asked of one arm on one workload, and who decides it. Used by judge_gates.cpp only.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "lab/experiment/judge_parts.h"

namespace tamari::lab {

// Everything is turned so that more is better: `sign`.
struct Question {
  GateResult result;
  Estimates::Place place;
  const Liveness* liveness = nullptr;
  double sign = 1;
  double limit = 0;  // log-ratio, turned
  double alpha = kAlpha;

  bool gain() const { return limit > 0; }
  double turned(double log_ratio) const { return sign * log_ratio; }
  Interval turned(const Interval& interval) const {
    return sign > 0 ? interval : Interval{-interval.high, -interval.low};
  }
};

// Decides questions whose adjusted p and alpha are known.
class Decider {
 public:
  // `questions`: how many are asked together.
  Decider(Estimates& estimates, std::size_t questions)
      : estimates_(estimates), questions_(questions), again_(again_of(estimates.index().plan())) {}

  void decide(Question& question);

 private:
  std::optional<Estimate> again_estimate(const Question& question);
  std::vector<double> noise_blocks(Estimates::Place place);
  std::optional<std::size_t> needed_for(const Question& question, double distance);
  std::optional<std::size_t> needed(const Question& question);

  Estimates& estimates_;
  std::size_t questions_;
  std::optional<std::size_t> again_;
  std::map<std::pair<Estimates::Place, double>, std::optional<std::size_t>> needed_;
};

}  // namespace tamari::lab
