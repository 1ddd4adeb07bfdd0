// What an experiment is to do, fixed before the first sample: arms, workloads, metrics, stages and
// their gates. `tamari ab` makes one from its options, `tamari sweep` reads one from a file; the
// runner, the judge and the reports know no other description.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/lanes.h"

namespace tamari::lab {

// The base is the first arm. The A/A arm, a second copy of the base, is added by whoever makes the
// plan and is always the last.
struct ArmSpec {
  std::string name;
  std::string library;                // empty: tamari's own; "glibc": no preload; else a path
  std::vector<std::string> settings;  // key=value, of an arm that is tamari's
  bool again = false;                 // the A/A arm
};

inline constexpr char kAgainName[] = "base-again";

// One thing that every arm runs: a lane of the benchmark program, or a program of the user's.
struct Workload {
  std::string name;
  std::optional<Lane> lane;
  std::vector<std::string> command;  // of a program
  std::string check;                 // shell command that must end with 0 for a sample to count
};

enum class Better { kLower, kHigher };

// A figure of a sample. The built-in ones are wall_s, user_s, system_s, cpu_s, rss_peak_kib,
// rss_settled_kib, minor_faults, major_faults, context_switches; a lane adds every key that the
// benchmark prints (ops/s under the name `ops`).
struct MetricSpec {
  std::string name;
  Better better = Better::kLower;
  std::string regex;  // group 1 is the number in what a program prints; empty: built in
};

enum class Comparison { kAtLeast, kAtMost };

// "ops>=+3%" on a workload (empty: on every one). `limit` is a fraction: 0.03.
struct Gate {
  std::string metric;
  Comparison comparison = Comparison::kAtLeast;
  double limit = 0;
  std::string workload;
};

// A variant is rejected if the median of a counter rises by more than `rise` (a fraction) over the
// base; the counter must have been above zero on the workloads named, or the rule proves nothing.
struct HardKill {
  std::string counter;
  double rise = 0;
  std::vector<std::string> workloads;  // empty: every one
};

// Stopping rule of a stage that is not of a fixed length; declared in the plan, so also in every
// report, before the first sample.
struct AutoRuns {
  std::size_t least = 6;
  std::size_t most = 40;
  double half_width = 0.01;  // stop when every gated interval is at most this wide either side
};

struct Stage {
  std::string name;
  std::size_t runs = 0;  // blocks; with `automatic`, unused
  std::optional<AutoRuns> automatic;
  std::vector<Gate> gates;
  bool winners_only = false;  // only the variants that passed the stage before
  bool no_failures = false;   // any failed sample of a variant rejects it
};

// How a block orders its samples. A block holds every arm and is complete on one machine.
enum class Order {
  kLatin,  // each arm once; rotated and shuffled so that places balance over the blocks
  kAbba,   // for each variant in random order: base, variant, variant, base
};

struct Plan {
  std::string name;
  std::string title;  // a sentence for the head of the report
  Order order = Order::kLatin;
  std::vector<ArmSpec> arms;
  std::vector<Workload> workloads;
  std::vector<MetricSpec> metrics;
  std::vector<Stage> stages;
  std::vector<HardKill> hard_kills;
  std::uint64_t seed = 1;
  std::uint64_t settle_ms = 100;
  double timeout_s = 600;
  std::string pin;      // CPU list for the children, as taskset -c takes it; empty: none
  double budget_s = 0;  // 0: none; else no new block is begun after it
};

// Throws CommandError (kHarness) with one sentence: two arms of one name, no base, a gate on an
// unknown workload or metric, a stage without runs, ...
void validate(const Plan& plan);

// Appends the A/A arm: a second copy of the base.
void add_again_arm(Plan& plan);

std::string to_json(const Plan& plan);
// Of an older or newer schema: CommandError that says which and what to do.
Plan plan_from_json(const std::string& text);

}  // namespace tamari::lab
