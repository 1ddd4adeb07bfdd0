// The decision of one gate. See judge_decision.h and docs/method.md, "Gates and verdicts".
#include "lab/experiment/judge_decision.h"

#include <fmt/format.h>

#include <cmath>

#include "lab/experiment/gate.h"
#include "lab/experiment/judge_words.h"

namespace tamari::lab {
namespace {

// Nobody takes more: a gate that needs them is not to be settled by repetition.
constexpr std::size_t kMostBlocks = 10000;

// What today's noise takes from an interval.
struct Noise {
  bool known = false;
  bool coarse = false;  // the resolution is wider than the gate
  bool biased = false;  // the A/A interval excludes "no change"
  double half_width = 0;
  double bias = 0;

  double margin() const { return (coarse ? half_width : 0) + (biased ? std::abs(bias) : 0); }
};

Noise noise_of(const Question& question, const std::optional<Estimate>& again) {
  Noise noise;
  if (!again || !again->bounded()) return noise;
  noise.known = true;
  noise.half_width = (again->interval.high - again->interval.low) / 2;
  noise.coarse = question.limit != 0 && noise.half_width > std::abs(question.limit);
  noise.biased = again->interval.low > 0 || again->interval.high < 0;
  noise.bias = again->effect;
  return noise;
}

// Blocks in which both arms are good and yet the figure is missing, or has no logarithm.
std::size_t lost_blocks(const Comparisons& comparisons) {
  return comparisons.unknown + comparisons.unloggable;
}

bool held(const Question& question, const Estimate& estimate, const Noise& noise) {
  if (noise.coarse || question.result.adjusted_p > kAlpha) return false;
  const double low = question.turned(estimate.interval).low - noise.margin();
  if (!question.gain() || noise.biased) return low >= question.limit;
  return question.turned(estimate.effect) >= question.limit && low > 0;
}

bool failed(const Question& question, const Estimate& estimate, const Noise& noise) {
  return question.turned(estimate.interval).high + noise.margin() < question.limit;
}

GateState state_of(const Question& question, const Comparisons& comparisons, const Noise& noise) {
  if (!noise.known || !question.liveness->alive) return GateState::kUndecided;
  const Estimate& estimate = *question.result.estimate;
  if (failed(question, estimate, noise)) return GateState::kFailed;
  const bool whole = lost_blocks(comparisons) == 0;
  return whole && held(question, estimate, noise) ? GateState::kHeld : GateState::kUndecided;
}

std::string decided_words(const Question& question) {
  const GateResult& result = question.result;
  const bool is_held = result.state == GateState::kHeld;
  const char* verb = question.gain() ? (is_held ? "reaches" : "falls short of")
                                     : (is_held ? "stays within" : "is beyond");
  return fmt::format("{} {} {} the gate {}", subject_words(result),
                     estimate_words(*result.estimate), verb, print_percent(result.gate.limit));
}

// Why neither: the first reason that applies.
std::string open_words(const Question& question, const Comparisons& comparisons,
                       const Noise& noise) {
  const GateResult& result = question.result;
  const std::string figures =
      fmt::format("{} {}", subject_words(result), estimate_words(*result.estimate));
  const std::string gate = print_percent(result.gate.limit);
  const std::string needed = needed_words(result);
  if (!question.liveness->alive) return fmt::format("{}: {}", figures, question.liveness->why);
  if (!noise.known || !result.estimate->bounded()) {
    return fmt::format(
        "{}: {} cannot give the confidence of {:.1f}% that the number of gates "
        "asks for{}",
        figures, counted(result.estimate->n, "block"), 100 * (1 - question.alpha), needed);
  }
  if (noise.coarse) {
    return fmt::format("{}: today's resolution of {:.1f}% is coarser than the gate {}{}", figures,
                       100 * std::expm1(noise.half_width), gate, needed);
  }
  if (noise.biased) {
    return fmt::format("{}: the base's own copy is off by {}, which leaves the gate {} open",
                       figures, change_words(noise.bias), gate);
  }
  if (const std::size_t lost = lost_blocks(comparisons); lost > 0) {
    return fmt::format("{}: {} without the figure leave the gate {} open", figures,
                       counted(lost, "block"), gate);
  }
  return fmt::format("{} leaves the gate {} open{}", figures, gate, needed);
}

}  // namespace

void Decider::decide(Question& question) {
  GateResult& result = question.result;
  const Comparisons& comparisons = estimates_.comparisons(question.place);
  result.estimate = estimates_.estimate(question.place, 1 - question.alpha);
  if (!result.estimate) {
    result.state = GateState::kUndecided;
    result.why = fmt::format("{}: {} cannot tell anything", subject_words(result),
                             counted(comparisons.blocks.effects.size(), "block"));
    return;
  }
  const Noise noise = noise_of(question, again_estimate(question));
  if (noise.known) result.resolution = noise.half_width;
  result.state = state_of(question, comparisons, noise);
  if (result.state == GateState::kUndecided) {
    result.blocks_needed = needed(question);
    result.why = open_words(question, comparisons, noise);
  } else {
    result.why = decided_words(question);
  }
}

std::optional<Estimate> Decider::again_estimate(const Question& question) {
  if (!again_) return std::nullopt;
  Estimates::Place place = question.place;
  place.arm = *again_;
  return estimates_.estimate(place, 1 - question.alpha);
}

// The A/A blocks, and what scatters in the variants' blocks about their own middle.
std::vector<double> Decider::noise_blocks(Estimates::Place place) {
  std::vector<double> noise;
  if (again_) {
    place.arm = *again_;
    noise = estimates_.comparisons(place).blocks.effects;
  }
  for (const std::size_t arm : variants_of(estimates_.index().plan())) {
    place.arm = arm;
    const auto rest = residuals(estimates_.comparisons(place).blocks.effects);
    noise.insert(noise.end(), rest.begin(), rest.end());
  }
  return noise;
}

std::optional<std::size_t> Decider::needed_for(const Question& question, double distance) {
  Estimates::Place place = question.place;
  place.arm = 0;  // the noise is that of all arms
  const auto key = std::make_pair(place, distance);
  const auto found = needed_.find(key);
  if (found != needed_.end()) return found->second;
  const double alpha = kAlpha / static_cast<double>(questions_);
  auto blocks = distance == 0 ? std::nullopt : blocks_needed(noise_blocks(place), distance, alpha);
  if (blocks && *blocks > kMostBlocks) blocks.reset();
  needed_[key] = blocks;
  return blocks;
}

// To tell the gate from "no change"; where there are as many, to tell it from what was seen.
std::optional<std::size_t> Decider::needed(const Question& question) {
  const Estimate& estimate = *question.result.estimate;
  const auto blocks = needed_for(question, std::abs(question.limit));
  if (blocks && *blocks > estimate.n) return blocks;
  return needed_for(question, std::abs(question.turned(estimate.effect) - question.limit));
}

}  // namespace tamari::lab
