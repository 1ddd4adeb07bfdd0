// From records to verdicts. Pure: the same plan and records give the same judgement anywhere.
//
// A gate is held, failed or undecided, by the interval at the confidence that Holm's correction
// leaves it (over variants x gates of the stage):
//   - a gate that demands a gain (ops>=+3%, rss<=-5%) is held when the estimate reaches it and the
//     interval excludes "no change"; failed when the whole interval falls short of it;
//   - a gate that forbids a loss (ops>=-3%, rss<=+5%) is held when the whole interval stays within
//     it; failed when the whole interval lies beyond it;
//   - undecided otherwise. While the A/A arm shows that today's resolution is coarser than the
//     gate, nothing is held, and only what lies beyond the gate by more than that has failed.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/experiment/plan.h"
#include "lab/experiment/sample_record.h"
#include "lab/experiment/statistics.h"

namespace tamari::lab {

enum class Verdict { kGo, kNoGo, kInconclusive, kInvalid };
const char* name_of(Verdict verdict);  // GO, NO-GO, INCONCLUSIVE, INVALID

enum class GateState { kHeld, kFailed, kUndecided, kBlind, kUnmeasured };
const char* name_of(GateState state);

// One metric of one arm on one workload against the base, over the blocks in which both are good.
struct Effect {
  std::string stage;
  std::string workload;
  std::string metric;
  std::string arm;
  std::optional<Estimate> estimate;   // none: too few good blocks
  std::optional<double> median_base;  // in the metric's own unit
  std::optional<double> median_arm;
  std::optional<Heterogeneity> machines;
  std::vector<double> blocks;  // log-ratio of each block, in time order
};

struct GateResult {
  Gate gate;
  std::string stage;
  std::string workload;
  std::string arm;
  GateState state = GateState::kUnmeasured;
  std::optional<Estimate> estimate;  // at the corrected confidence
  double adjusted_p = 1;
  std::optional<double> resolution;  // half-width of the A/A arm, as a log-ratio
  std::optional<std::size_t> blocks_needed;
  std::string why;  // a sentence
};

// Did the arm's code run, and did its setting change anything? A counter is alive if it differs
// from the base's by more than the base differs from itself (its A/A copies).
//
// Three cases are not checked. An arm of another library than the base's has no counters to
// compare, and an arm of the base's own settings has nothing to show: both count as alive. An arm
// whose samples are too few, or brought no counters, is neither: !checked && !alive, and none of
// its gates is held. (A simulation without counters gives its variants a library of their own.)
struct Liveness {
  std::string arm;
  std::string workload;
  bool checked = false;
  bool alive = false;                 // checked and false on every workload: INVALID
  std::vector<std::string> counters;  // that moved, the clearest first
  std::string why;

  bool blind() const { return checked && !alive; }
};

struct HardKillResult {
  HardKill rule;
  std::string arm;
  std::string workload;
  std::optional<double> median_base;
  std::optional<double> median_arm;
  bool judged = false;  // from complete stages; else these are the figures so far
  bool proved = false;  // the counter was above zero
  bool killed = false;
};

struct StageOutcome {
  std::string stage;
  Verdict verdict = Verdict::kInconclusive;
  std::string why;  // a sentence
};

struct VariantVerdict {
  std::string arm;
  Verdict verdict = Verdict::kInconclusive;
  std::string why;
  std::vector<StageOutcome> stages;
  std::size_t failed_samples = 0;
};

struct Judgement {
  Verdict verdict = Verdict::kInconclusive;  // of the line
  std::string why;
  std::vector<VariantVerdict> variants;  // the A/A arm is none of them
  std::vector<GateResult> gates;
  std::vector<Effect> effects;  // A/A arm included
  std::vector<Liveness> liveness;
  std::vector<HardKillResult> hard_kills;
  std::vector<std::string> cautions;  // A/A interval off zero, machines that disagree, ...
  bool complete = false;              // every planned block of every stage is there
};

Judgement judge(const Plan& plan, const std::vector<SampleRecord>& records);

// The variants that go on to `stage`: all before a winners_only stage; an INVALID one never; nobody
// as long as the stage before is not complete. Neither the base nor the A/A arm is among them.
std::vector<std::string> arms_for_stage(const Plan& plan, std::size_t stage,
                                        const std::vector<SampleRecord>& records);

// Log-ratios to the base, one per block in which both have all their samples good; the key is
// (machine, block) in time order.
struct BlockEffects {
  std::vector<double> effects;
  std::vector<std::size_t> strata;
  std::vector<std::string> machines;  // stratum -> machine
};
BlockEffects block_effects(const Plan& plan, const std::vector<SampleRecord>& records,
                           const std::string& stage, const std::string& workload,
                           const std::string& arm, const std::string& metric);

}  // namespace tamari::lab
