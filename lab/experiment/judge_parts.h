// The parts of judge() and what they hand to each other; each is in the .cpp of its name.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "lab/experiment/judge_index.h"
#include "lab/experiment/judgement.h"

namespace tamari::lab {

// Error allowed to all the gates of a stage together, and to a 95 % interval.
inline constexpr double kAlpha = 0.05;

// Estimates are asked for again and again: gates, effects and the A/A arm share them.
class Estimates {
 public:
  explicit Estimates(const RecordIndex& index) : index_(index) {}

  struct Place {
    std::size_t stage = 0;
    std::size_t workload = 0;
    std::size_t arm = 0;
    std::string metric;
    auto operator<=>(const Place&) const = default;
  };

  const Comparisons& comparisons(const Place& place);
  const std::optional<Estimate>& estimate(const Place& place, double confidence);
  const RecordIndex& index() const { return index_; }

 private:
  const RecordIndex& index_;
  std::map<Place, Comparisons> comparisons_;
  std::map<std::pair<Place, double>, std::optional<Estimate>> estimates_;
};

// judge_liveness.cpp. Of every variant on every workload, from the stages up to `last`.
std::vector<Liveness> judge_liveness(const RecordIndex& index, std::size_t last);

// judge_hard_kill.cpp. From the first `complete` stages; while there are none, what is known of the
// first stage is told and nothing is judged.
std::vector<HardKillResult> judge_hard_kills(const RecordIndex& index, std::size_t complete,
                                             const std::vector<Liveness>& liveness);

// What the rules say of the A/A arm, in which they should find nothing.
std::vector<HardKillResult> hard_kills_of_copy(const RecordIndex& index, std::size_t complete);

// judge_gates.cpp
std::vector<GateResult> judge_gates(Estimates& estimates, std::size_t stage,
                                    const std::vector<std::size_t>& arms,
                                    const std::vector<Liveness>& liveness);

// judge_stage.cpp
struct StageJudgement {
  std::vector<std::size_t> arms;  // the variants that take part
  bool complete = false;
  std::vector<Liveness> liveness;
  std::vector<HardKillResult> hard_kills;
  std::vector<GateResult> gates;
  std::map<std::size_t, StageOutcome> outcomes;  // by arm
};
// The first `count` stages, each with the arms that the one before lets through.
std::vector<StageJudgement> judge_stages(Estimates& estimates, std::size_t count);
// How many of them are complete, from the first on.
std::size_t complete_stages(const std::vector<StageJudgement>& stages);
// Those that the last of `done` lets go on to the stage behind it.
std::vector<std::size_t> arms_after(const Plan& plan, const std::vector<StageJudgement>& done);

// judge_complete.cpp
bool is_complete(const RecordIndex& index, std::size_t stage, const std::vector<std::size_t>& arms);

// judge_outcome.cpp
StageOutcome judge_outcome(const RecordIndex& index, std::size_t stage, std::size_t arm,
                           const StageJudgement& judgement);
std::size_t failures_in(const Samples& samples);

// judge_cautions.cpp
std::vector<std::string> judge_cautions(Estimates& estimates,
                                        const std::vector<StageJudgement>& stages);

const Liveness* find_liveness(const std::vector<Liveness>& liveness, const std::string& arm,
                              const std::string& workload);

}  // namespace tamari::lab
