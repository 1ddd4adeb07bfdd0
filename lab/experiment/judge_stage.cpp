// Stages one after the other: each is judged by its own samples (liveness and hard kills by those
// before it too), and lets variants through to the next.
#include <algorithm>

#include "lab/experiment/judge_parts.h"

namespace tamari::lab {
namespace {

// `before`: how many stages before it are complete, up to the first that is not.
StageJudgement judge_stage(Estimates& estimates, std::size_t stage, std::size_t before,
                           const std::vector<std::size_t>& arms) {
  const RecordIndex& index = estimates.index();
  StageJudgement judgement;
  judgement.arms = arms;
  judgement.complete = is_complete(index, stage, arms);
  judgement.liveness = judge_liveness(index, stage);
  const bool joins = judgement.complete && before == stage;
  judgement.hard_kills = judge_hard_kills(index, before + (joins ? 1 : 0), judgement.liveness);
  judgement.gates = judge_gates(estimates, stage, arms, judgement.liveness);
  for (const std::size_t arm : arms) {
    judgement.outcomes[arm] = judge_outcome(index, stage, arm, judgement);
  }
  return judgement;
}

}  // namespace

std::vector<std::size_t> arms_after(const Plan& plan, const std::vector<StageJudgement>& done) {
  if (done.empty()) return variants_of(plan);
  const bool winners_only = plan.stages[done.size()].winners_only;
  const StageJudgement& last = done.back();
  std::vector<std::size_t> arms;
  for (const std::size_t arm : last.arms) {
    const Verdict verdict = last.outcomes.at(arm).verdict;
    if (verdict == Verdict::kGo || (!winners_only && verdict != Verdict::kInvalid)) {
      arms.push_back(arm);
    }
  }
  return arms;
}

std::size_t complete_stages(const std::vector<StageJudgement>& stages) {
  std::size_t count = 0;
  while (count < stages.size() && stages[count].complete) ++count;
  return count;
}

std::vector<StageJudgement> judge_stages(Estimates& estimates, std::size_t count) {
  std::vector<StageJudgement> done;
  for (std::size_t stage = 0; stage < count; ++stage) {
    const auto arms = arms_after(estimates.index().plan(), done);
    done.push_back(judge_stage(estimates, stage, complete_stages(done), arms));
    // Whoever never gets to a later stage has not completed the experiment if this one is not.
    if (stage > 0) done.back().complete = done.back().complete && done[stage - 1].complete;
  }
  return done;
}

}  // namespace tamari::lab
