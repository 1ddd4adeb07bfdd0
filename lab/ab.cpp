// See ab.h.
#include "lab/ab.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>

#include "lab/command_error.h"
#include "lab/environment.h"
#include "lab/experiment/gate.h"
#include "lab/installation.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kStage[] = "ab";

template <typename... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> text, Parts&&... parts) {
  throw CommandError(kHarness, fmt::format(text, std::forward<Parts>(parts)...));
}

// A name that a report can show and a file can bear.
std::string workload_name(const std::string& program) {
  constexpr const char* kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+=,-";
  std::string name = std::filesystem::path(program).filename().string();
  for (std::size_t at = 0; (at = name.find_first_not_of(kAllowed, at)) != std::string::npos;) {
    name[at] = '_';
  }
  return name.empty() ? "program" : name;
}

void add_workloads(const AbOptions& options, unsigned cpus, Plan& plan) {
  if (options.lanes.empty() == options.command.empty()) {
    refuse("ab needs something to run: either -- PROGRAM ARGS or --lane NAME, not both");
  }
  for (const std::string& name : options.lanes) {
    const Lane lane = effective_lane(find_lane(name), options.overrides, cpus);
    plan.workloads.push_back({lane.name, lane, {}, options.check});
  }
  if (options.command.empty()) return;
  plan.workloads.push_back(
      {workload_name(options.command.front()), std::nullopt, options.command, options.check});
}

void add_arms(const AbOptions& options, Plan& plan) {
  if (options.arms.empty()) {
    refuse("ab needs arms to compare, such as --arm base --arm wide:stash_drain_limit=128");
  }
  const std::string library = options.library.empty() ? "" : find_library(options.library).value();
  for (const std::string& arm : options.arms) plan.arms.push_back(parse_arm(arm, library));
  add_again_arm(plan);
}

// Narrow enough that the tightest gate can be told from no change.
AutoRuns auto_rule(const std::vector<Gate>& gates) {
  constexpr double kNarrowest = 0.0025;
  constexpr double kWidest = 0.05;
  AutoRuns rule;
  std::optional<double> tightest;
  for (const Gate& gate : gates) {
    if (gate.limit != 0) tightest = std::min(tightest.value_or(1), std::abs(gate.limit));
  }
  if (tightest) rule.half_width = std::clamp(*tightest / 2, kNarrowest, kWidest);
  return rule;
}

Stage make_stage(const AbOptions& options) {
  Stage stage;
  stage.name = kStage;
  for (const std::string& gate : options.gates) stage.gates.push_back(parse_gate(gate));
  if (options.runs == "auto") {
    stage.automatic = auto_rule(stage.gates);
    return stage;
  }
  const char* end = options.runs.data() + options.runs.size();
  const auto read = std::from_chars(options.runs.data(), end, stage.runs);
  if (read.ec != std::errc() || read.ptr != end || stage.runs == 0) {
    refuse("--runs {}: give a whole number from 1, or auto", options.runs);
  }
  return stage;
}

Order parse_order(const std::string& word) {
  if (word == "latin") return Order::kLatin;
  if (word == "abba") return Order::kAbba;
  refuse("--order {}: there are latin and abba{}", word, suggestion(word, {"latin", "abba"}));
}

std::string title_of(const Plan& plan) {
  std::vector<std::string> arms, workloads;
  for (const ArmSpec& arm : plan.arms) {
    if (!arm.again && arm.name != plan.arms.front().name) arms.push_back(arm.name);
  }
  for (const Workload& workload : plan.workloads) workloads.push_back(workload.name);
  return fmt::format("{} against {} on {}", join(arms, ", "), plan.arms.front().name,
                     join(workloads, ", "));
}

}  // namespace

Plan ab_plan(const AbOptions& options, unsigned cpus) {
  Plan plan;
  plan.name = "ab";
  add_workloads(options, cpus, plan);
  add_arms(options, plan);
  for (const std::string& metric : options.metrics) plan.metrics.push_back(parse_metric(metric));
  plan.stages = {make_stage(options)};
  plan.order = parse_order(options.order);
  plan.seed = options.seed;
  plan.settle_ms = options.settle_ms;
  plan.timeout_s = options.timeout_s;
  plan.pin = options.pin;
  plan.title = title_of(plan);
  validate(plan);
  return plan;
}

int ab(const AbOptions& options) {
  if (!options.resume.empty()) return resume(options.resume, options.files, conclude_arms);
  const Plan plan = ab_plan(options, allowed_cpus());
  return carry_out(plan, new_folder(options.out, "tamari-ab", "tamari ab"), options.files,
                   conclude_arms);
}

}  // namespace tamari::lab
