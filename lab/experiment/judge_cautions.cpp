// What a reader must know before trusting the figures: one sentence each.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/experiment/gate.h"
#include "lab/experiment/judge_parts.h"
#include "lab/experiment/judge_words.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// Machines disagree by more than chance at this level: many figures are looked at.
constexpr double kDisagreement = 0.01;

class Cautions {
 public:
  explicit Cautions(Estimates& estimates)
      : estimates_(estimates), index_(estimates.index()), plan_(index_.plan()) {}

  std::vector<std::string> lines(const std::vector<StageJudgement>& stages) {
    if (index_.strangers() > 0) {
      say("{} of an arm, workload or stage that the plan does not have: not looked at",
          counted(index_.strangers(), "sample"));
    }
    failed_warm_ups();
    for (std::size_t stage = 0; stage < stages.size(); ++stage) {
      for (std::size_t workload = 0; workload < plan_.workloads.size(); ++workload) {
        failed_samples(stage, workload);
        unpaired_samples(stage, workload);
        gated_metrics(stage, workload, stages[stage]);
      }
    }
    if (!stages.empty()) {
      unknown_liveness(stages.back());
      hard_kills(stages.back(), complete_stages(stages));
    }
    return std::move(lines_);
  }

 private:
  template <typename... Parts>
  void say(fmt::format_string<Parts...> text, Parts&&... parts) {
    std::string line = fmt::format(text, std::forward<Parts>(parts)...);
    if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) lines_.push_back(line);
  }

  std::string place(std::size_t stage, std::size_t workload) const {
    return fmt::format("{}, {}", plan_.stages[stage].name, plan_.workloads[workload].name);
  }

  void failed_warm_ups() {
    for (std::size_t arm = 0; arm < plan_.arms.size(); ++arm) {
      const std::size_t failed = failures_in(index_.warm_ups(arm));
      if (failed > 0) say("{} of {} failed", counted(failed, "warm-up"), plan_.arms[arm].name);
    }
  }

  void failed_samples(std::size_t stage, std::size_t workload) {
    std::size_t all = 0;
    std::size_t failed = 0;
    std::vector<std::string> arms;
    for (std::size_t arm = 0; arm < plan_.arms.size(); ++arm) {
      std::size_t own = 0;
      for (const SampleGroup& group : index_.groups(stage, workload)) {
        all += group.arms[arm].size();
        own += failures_in(group.arms[arm]);
      }
      if (own > 0) arms.push_back(fmt::format("{} {}", plan_.arms[arm].name, own));
      failed += own;
    }
    if (failed == 0) return;
    say("{}: {} of {} failed ({}); the groups they stand in are left out of the effects",
        place(stage, workload), failed, counted(all, "sample"), join(arms, ", "));
  }

  // A group that was cut off holds samples that nothing can be compared with.
  void unpaired_samples(std::size_t stage, std::size_t workload) {
    std::set<const SampleRecord*> paired;
    for (std::size_t arm = 1; arm < plan_.arms.size(); ++arm) {
      for (const Pair& pair : index_.pairs(stage, workload, arm)) {
        paired.insert(pair.base->begin(), pair.base->end());
        paired.insert(pair.arm->begin(), pair.arm->end());
      }
    }
    std::size_t unpaired = 0;
    for (const SampleGroup& group : index_.groups(stage, workload)) {
      for (const Samples& samples : group.arms) {
        for (const SampleRecord* sample : samples) unpaired += paired.count(sample) == 0;
      }
    }
    if (unpaired == 0) return;
    say("{}: {} of groups that were cut off; not compared", place(stage, workload),
        counted(unpaired, "sample"));
  }

  void gated_metrics(std::size_t stage, std::size_t workload, const StageJudgement& judgement) {
    std::set<std::string> metrics;
    for (const Gate& gate : plan_.stages[stage].gates) {
      if (applies(gate, plan_.workloads[workload])) metrics.insert(gate.metric);
    }
    for (const std::string& metric : metrics) {
      lost_blocks(stage, workload, metric);
      off_zero(stage, workload, metric);
      machines(stage, workload, metric);
      for (const std::size_t arm : judgement.arms) {
        if (blind(judgement, arm, workload)) moved_though_blind({stage, workload, arm, metric});
      }
    }
  }

  void lost_blocks(std::size_t stage, std::size_t workload, const std::string& metric) {
    for (std::size_t arm = 1; arm < plan_.arms.size(); ++arm) {
      const Comparisons& all = estimates_.comparisons({stage, workload, arm, metric});
      if (all.unknown > 0) {
        say("{}: {} of {} against the base without {}; not in its figures", place(stage, workload),
            counted(all.unknown, "group"), plan_.arms[arm].name, metric);
      }
      if (all.unloggable > 0) {
        say("{}: {} of {} against the base with a {} that is not above 0, of which there is no "
            "ratio; not in its figures",
            place(stage, workload), counted(all.unloggable, "group"), plan_.arms[arm].name, metric);
      }
    }
  }

  void off_zero(std::size_t stage, std::size_t workload, const std::string& metric) {
    const auto again = again_of(plan_);
    if (!again) return;
    const auto& estimate = estimates_.estimate({stage, workload, *again, metric}, 1 - kAlpha);
    if (!estimate || (estimate->interval.low <= 0 && estimate->interval.high >= 0)) return;
    say("{}: the base's own copy differs from it in {} by {}: order or machine favours one of two "
        "equal arms",
        place(stage, workload), metric, estimate_words(*estimate));
  }

  void machines(std::size_t stage, std::size_t workload, const std::string& metric) {
    for (std::size_t arm = 1; arm < plan_.arms.size(); ++arm) {
      const BlockEffects& blocks = estimates_.comparisons({stage, workload, arm, metric}).blocks;
      const auto spread = heterogeneity(blocks.effects, blocks.strata);
      if (!spread || spread->p >= kDisagreement) continue;
      say("{}: the machines disagree about {} of {} (p = {:.2g}, {:.0f}% of the variation lies "
          "between them): look at each by itself",
          place(stage, workload), metric, plan_.arms[arm].name, spread->p, 100 * spread->i_squared);
    }
  }

  bool blind(const StageJudgement& judgement, std::size_t arm, std::size_t workload) const {
    const Liveness* life =
        find_liveness(judgement.liveness, plan_.arms[arm].name, plan_.workloads[workload].name);
    return life != nullptr && life->blind();
  }

  // No counter says that the code ran, and yet the figure moved: then the counters miss something.
  void moved_though_blind(const Estimates::Place& where) {
    const auto& estimate = estimates_.estimate(where, 1 - kAlpha);
    if (!estimate || (estimate->interval.low <= 0 && estimate->interval.high >= 0)) return;
    say("{}: no counter of {} moved, and yet its {} did, by {}: chance, or a change that no "
        "counter shows",
        place(where.stage, where.workload), plan_.arms[where.arm].name, where.metric,
        estimate_words(*estimate));
  }

  void unknown_liveness(const StageJudgement& judgement) {
    for (const Liveness& life : judgement.liveness) {
      if (life.checked || life.alive) continue;
      say("{} on {}: {}", life.arm, life.workload, life.why);
    }
  }

  void hard_kills(const StageJudgement& judgement, std::size_t complete) {
    for (const HardKillResult& kill : judgement.hard_kills) {
      if (kill.proved || !kill.judged) continue;
      const char* what = kill.median_base && kill.median_arm ? "0 in the base" : "missing";
      say("the hard kill on {} proves nothing on {}: the counter is {}", kill.rule.counter,
          kill.workload, what);
    }
    for (const HardKillResult& kill : hard_kills_of_copy(index_, complete)) {
      if (!kill.killed) continue;
      say("the hard kill on {} fires on noise: on {} it would reject the base's own copy (median "
          "{:.6g} to {:.6g})",
          kill.rule.counter, kill.workload, *kill.median_base, *kill.median_arm);
    }
    for (const ArmSpec& arm : plan_.arms) {
      if (plan_.hard_kills.empty() || arm.library == plan_.arms.front().library) continue;
      say("the hard kills do not apply to {}: another library has other counters", arm.name);
    }
  }

  Estimates& estimates_;
  const RecordIndex& index_;
  const Plan& plan_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> judge_cautions(Estimates& estimates,
                                        const std::vector<StageJudgement>& stages) {
  return Cautions(estimates).lines(stages);
}

}  // namespace tamari::lab
