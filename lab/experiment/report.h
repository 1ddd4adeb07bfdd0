// What every report of an experiment is written from, and how it is looked at: one view for each
// stage and workload.
#pragma once

#include <string>
#include <vector>

#include "lab/experiment/judgement.h"
#include "lab/experiment/runner.h"
#include "lab/tone.h"

namespace tamari::lab {

// The answer in one sentence. `status` is the exit status of the command.
struct Conclusion {
  Tone tone = Tone::kPlain;
  std::string word;  // GO, NO-GO, INCONCLUSIVE, INVALID, MEASURED
  std::string sentence;
  int status = 0;
};

struct Report {
  Experiment experiment;
  Judgement judgement;
  Conclusion conclusion;
};

// `tamari ab` asks whether every arm holds every gate; without a gate it only measures, and says so
// unless a sample of an arm failed.
Conclusion conclude_arms(const Experiment& experiment, const Judgement& judgement);
// `tamari sweep` asks whether any variant wins: the verdict of the line.
Conclusion conclude_line(const Experiment& experiment, const Judgement& judgement);

// One workload in one stage.
struct View {
  const Stage* stage = nullptr;
  const Workload* workload = nullptr;
  std::vector<std::string> arms;     // compared with the base; the A/A arm is last
  std::vector<std::string> metrics;  // the leading one, peak RSS, the other gated ones
};

// Those that have a record, in the order of the plan.
std::vector<View> views(const Report& report);

bool has_gates(const Plan& plan);
const std::string& base_name(const Plan& plan);
bool is_again(const Plan& plan, const std::string& arm);

const Effect* find_effect(const Report& report, const View& view, const std::string& metric,
                          const std::string& arm);
// Half the width of the A/A arm's interval, as a log-ratio: what can be told from no change.
std::optional<double> resolution_of(const Report& report, const View& view,
                                    const std::string& metric);
std::vector<const GateResult*> gates_of(const Report& report, const View& view);
// The gate on this metric in the plan of the stage; none: nullptr.
const Gate* planned_gate(const View& view, const std::string& metric);
const GateResult* gate_result(const Report& report, const View& view, const std::string& metric,
                              const std::string& arm);

// In time order.
std::vector<const SampleRecord*> records_of(const Report& report, const View& view);
std::vector<const SampleRecord*> failed_records(const Report& report);

}  // namespace tamari::lab
