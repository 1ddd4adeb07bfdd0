// Gates: who is asked, and Holm's correction over all gates of a stage. The decision of each is in
// judge_decision.cpp; docs/method.md, "Gates and verdicts", says the same in words.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lab/experiment/gate.h"
#include "lab/experiment/judge_decision.h"
#include "lab/experiment/judge_words.h"

namespace tamari::lab {
namespace {

Question make_question(const Plan& plan, const Gate& gate, Estimates::Place place,
                       const std::vector<Liveness>& liveness) {
  Question question;
  question.result.gate = gate;
  question.result.stage = plan.stages[place.stage].name;
  question.result.workload = plan.workloads[place.workload].name;
  question.result.arm = plan.arms[place.arm].name;
  question.liveness = find_liveness(liveness, question.result.arm, question.result.workload);
  question.sign = gate.comparison == Comparison::kAtLeast ? 1 : -1;
  question.limit = question.sign * std::log1p(gate.limit);
  question.place = std::move(place);
  return question;
}

std::vector<Question> questions_of(const Plan& plan, std::size_t stage,
                                   const std::vector<std::size_t>& arms,
                                   const std::vector<Liveness>& liveness) {
  std::vector<Question> questions;
  for (const Gate& gate : plan.stages[stage].gates) {
    for (std::size_t workload = 0; workload < plan.workloads.size(); ++workload) {
      if (!applies(gate, plan.workloads[workload])) continue;
      for (const std::size_t arm : arms) {
        questions.push_back(
            make_question(plan, gate, {stage, workload, arm, gate.metric}, liveness));
      }
    }
  }
  return questions;
}

// Settles what the figures cannot settle; true if they are to be asked.
bool is_open(Question& question, const Comparisons& comparisons) {
  GateResult& result = question.result;
  if (question.liveness->blind()) {
    result.state = GateState::kBlind;
    result.why = fmt::format("{} never ran what {} sets: the gate {} proves nothing there",
                             result.workload, result.arm, print_percent(result.gate.limit));
  } else if (comparisons.blocks.effects.empty()) {
    result.state = GateState::kUnmeasured;
    result.why =
        fmt::format("no block has {} of both the base and {}", subject_words(result), result.arm);
  }
  return result.state != GateState::kBlind && !comparisons.blocks.effects.empty();
}

// Against "no change" for a gain; against the limit itself where a loss is forbidden. Two-sided; 1
// if the effect lies on the wrong side.
double p_value(const Question& question, const std::vector<double>& effects) {
  const double reference = question.gain() ? 0 : question.limit;
  std::vector<double> shifted = effects;
  for (double& effect : shifted) effect = question.turned(effect) - reference;
  return pseudo_median(shifted) > 0 ? signed_rank_p(shifted) : 1;
}

// Adjusted p values, and the step-down level at which each gate's interval is drawn.
void correct(std::vector<Question*>& open, const std::vector<double>& p_values) {
  const std::vector<double> adjusted = holm(p_values);
  std::vector<std::size_t> order(open.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    Question& question = *open[order[rank]];
    question.result.adjusted_p = adjusted[order[rank]];
    question.alpha = kAlpha / static_cast<double>(open.size() - rank);
  }
}

}  // namespace

std::vector<GateResult> judge_gates(Estimates& estimates, std::size_t stage,
                                    const std::vector<std::size_t>& arms,
                                    const std::vector<Liveness>& liveness) {
  std::vector<Question> questions = questions_of(estimates.index().plan(), stage, arms, liveness);
  std::vector<Question*> open;
  std::vector<double> p_values;
  for (Question& question : questions) {
    const Comparisons& comparisons = estimates.comparisons(question.place);
    if (!is_open(question, comparisons)) continue;
    open.push_back(&question);
    p_values.push_back(p_value(question, comparisons.blocks.effects));
  }
  correct(open, p_values);
  Decider decider(estimates, open.size());
  for (Question* question : open) decider.decide(*question);
  std::vector<GateResult> results;
  for (Question& question : questions) results.push_back(std::move(question.result));
  return results;
}

}  // namespace tamari::lab
