// See plan.h: what makes a plan fit to be carried out. The JSON form is in plan_json.cpp.
#include "lab/experiment/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "lab/command_error.h"
#include "lab/experiment/gate.h"
#include "lab/experiment/metrics.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr unsigned kGreatestTouch = 2;
constexpr unsigned kWhole_percent = 100;

template <typename... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> text, Parts&&... parts) {
  throw CommandError(kHarness, fmt::format(text, std::forward<Parts>(parts)...));
}

template <typename Item>
std::vector<std::string> names_of(const std::vector<Item>& items) {
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(item.name);
  return names;
}

template <typename Item>
void check_names(const char* kind, const std::vector<Item>& items) {
  constexpr const char* kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+=,-";
  std::set<std::string> seen;
  for (const Item& item : items) {
    if (item.name.empty()) refuse("{} has no name: give each one", kind);
    if (item.name.find_first_not_of(kAllowed) != std::string::npos) {
      refuse("the name '{}' of {} has a character other than letters, digits and ._+=,-", item.name,
             kind);
    }
    if (!seen.insert(item.name).second) {
      refuse("two of a kind are called '{}' ({}): give each a name of its own", item.name, kind);
    }
  }
}

void check_setting(const ArmSpec& arm, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  const bool formed = equals != 0 && equals != std::string::npos && equals + 1 < setting.size();
  if (!formed || setting.find_first_of(", \t\r\n") != std::string::npos) {
    refuse("the setting '{}' of the arm '{}' is not key=value, without blanks and commas", setting,
           arm.name);
  }
}

void check_arms(const Plan& plan) {
  if (plan.arms.empty()) refuse("the experiment has no base: name at least two arms");
  check_names("an arm", plan.arms);
  for (const ArmSpec& arm : plan.arms) {
    for (const std::string& setting : arm.settings) check_setting(arm, setting);
    if (arm.library == "glibc" && !arm.settings.empty()) {
      refuse("the arm '{}' is glibc, which takes no settings such as '{}': leave them out",
             arm.name, arm.settings.front());
    }
  }
  const ArmSpec& last = plan.arms.back();
  const auto copies = std::count_if(plan.arms.begin(), plan.arms.end(),
                                    [](const ArmSpec& arm) { return arm.again; });
  const ArmSpec& base = plan.arms.front();
  if (copies != 1 || !last.again || plan.arms.size() < 2 || last.library != base.library ||
      last.settings != base.settings) {
    refuse("the last arm must be '{}', the one copy of the base by which noise is known",
           kAgainName);
  }
  if (plan.arms.size() == 2) {
    refuse("the base '{}' has nothing to be compared with: name a second arm", base.name);
  }
}

void check_lane(const Workload& workload) {
  const Lane& lane = *workload.lane;
  if (!lane.suite.empty()) return;  // its program checks its own words
  if (lane.iterations == 0 || lane.slots == 0 || lane.ring == 0) {
    refuse("the lane '{}' needs at least one iteration, slot and ring entry", workload.name);
  }
  if (lane.min_size == 0 || lane.min_size > lane.max_size) {
    refuse("the lane '{}' draws sizes from {} to {}: put the smaller first, from 1", workload.name,
           lane.min_size, lane.max_size);
  }
  if (lane.remote_percent > kWhole_percent || lane.touch > kGreatestTouch) {
    refuse("the lane '{}' needs a remote share of 0 to 100 and a touch of 0 to 2", workload.name);
  }
}

void check_workloads(const Plan& plan) {
  if (plan.workloads.empty()) refuse("there is nothing to run: name a lane or a program");
  check_names("a workload", plan.workloads);
  for (const Workload& workload : plan.workloads) {
    if (workload.lane.has_value() == !workload.command.empty()) {
      refuse("the workload '{}' must be either a lane or a command", workload.name);
    }
    if (workload.lane) check_lane(workload);
  }
}

void check_metrics(const Plan& plan) {
  std::set<std::string> seen;
  for (const MetricSpec& metric : plan.metrics) {
    if (!seen.insert(metric.name).second) {
      refuse("two metrics are called '{}': give each a name of its own", metric.name);
    }
    const BuiltinMetric* builtin = find_builtin_metric(metric.name);
    if (metric.regex.empty()) {
      if (builtin == nullptr) {
        refuse("the metric '{}' is not built in and has no expression{}", metric.name,
               suggestion(metric.name, known_metric_names(plan)));
      }
      continue;
    }
    if (builtin != nullptr && !(builtin->lane_only && builtin->name == metric.name)) {
      refuse("the metric name '{}' is taken by the built-in {}: choose another", metric.name,
             builtin->name);
    }
    parse_metric(metric.name, metric.regex);
  }
}

const Workload* find_workload(const Plan& plan, const std::string& name) {
  const auto found = std::find_if(plan.workloads.begin(), plan.workloads.end(),
                                  [&](const Workload& workload) { return workload.name == name; });
  return found == plan.workloads.end() ? nullptr : &*found;
}

void require_workload(const Plan& plan, const std::string& name, const std::string& who) {
  if (find_workload(plan, name) != nullptr) return;
  refuse("{} names the workload '{}', which the experiment does not run{}", who, name,
         suggestion(name, names_of(plan.workloads)));
}

// A metric that only the benchmark program prints cannot be asked of another program.
void check_gate_metric(const Plan& plan, const Gate& gate) {
  const auto own = std::any_of(plan.metrics.begin(), plan.metrics.end(), [&](const auto& metric) {
    return metric.name == gate.metric && !metric.regex.empty();
  });
  if (own) return;
  const BuiltinMetric* builtin = find_builtin_metric(gate.metric);
  if (builtin == nullptr || builtin->name != gate.metric) {
    refuse("the gate '{}' is on an unknown metric '{}'{}", print_gate(gate), gate.metric,
           suggestion(gate.metric, known_metric_names(plan)));
  }
  if (!builtin->lane_only) return;
  for (const Workload& workload : plan.workloads) {
    if (workload.lane || (!gate.workload.empty() && gate.workload != workload.name)) continue;
    refuse(
        "the gate '{}' is on {}, which the program '{}' does not print: say how to find it with "
        "a metric {}=REGEX",
        print_gate(gate), gate.metric, workload.name, gate.metric);
  }
}

void check_length(const Stage& stage) {
  if (!stage.automatic) {
    if (stage.runs == 0) refuse("the stage '{}' has no runs: give it at least one", stage.name);
    return;
  }
  const AutoRuns& rule = *stage.automatic;
  if (rule.least == 0 || rule.least > rule.most) {
    refuse("the stage '{}' runs from {} to {} blocks: put the smaller first, from 1", stage.name,
           rule.least, rule.most);
  }
  if (!(rule.half_width > 0) || !std::isfinite(rule.half_width)) {
    refuse("the stage '{}' stops at a half-width of {}: it must be above 0", stage.name,
           rule.half_width);
  }
}

void check_stages(const Plan& plan) {
  if (plan.stages.empty()) refuse("the experiment has no stage: give it one with its runs");
  check_names("a stage", plan.stages);
  if (plan.stages.front().winners_only) {
    refuse("the first stage '{}' cannot be for winners only: no stage comes before it",
           plan.stages.front().name);
  }
  for (const Stage& stage : plan.stages) {
    check_length(stage);
    for (const Gate& gate : stage.gates) {
      if (!std::isfinite(gate.limit) || gate.limit <= -1) {
        refuse("a gate of the stage '{}' has the limit {}: it must be above -100%", stage.name,
               print_percent(gate.limit));
      }
      check_gate_metric(plan, gate);
      if (gate.workload.empty()) continue;
      require_workload(plan, gate.workload, fmt::format("the gate '{}'", print_gate(gate)));
    }
  }
}

void check_hard_kills(const Plan& plan) {
  for (const HardKill& rule : plan.hard_kills) {
    if (rule.counter.empty()) refuse("a hard kill names no counter");
    if (!(rule.rise >= 0) || !std::isfinite(rule.rise)) {
      refuse("the hard kill on {} rises by {}: it must be 0 or more", rule.counter,
             print_percent(rule.rise));
    }
    for (const std::string& workload : rule.workloads) {
      require_workload(plan, workload, fmt::format("the hard kill on {}", rule.counter));
    }
  }
}

void check_limits(const Plan& plan) {
  if (!(plan.timeout_s > 0) || !std::isfinite(plan.timeout_s)) {
    refuse("a sample's time limit must be above 0 seconds, not {}", plan.timeout_s);
  }
  if (!(plan.budget_s >= 0) || !std::isfinite(plan.budget_s)) {
    refuse("the budget must be a time, not {} seconds", plan.budget_s);
  }
}

}  // namespace

void validate(const Plan& plan) {
  check_arms(plan);
  check_workloads(plan);
  check_metrics(plan);
  check_stages(plan);
  check_hard_kills(plan);
  check_limits(plan);
}

void add_again_arm(Plan& plan) {
  if (plan.arms.empty()) refuse("the experiment has no base: name at least two arms");
  ArmSpec again = plan.arms.front();
  again.name = kAgainName;
  again.again = true;
  plan.arms.push_back(again);
}

}  // namespace tamari::lab
