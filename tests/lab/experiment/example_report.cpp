// See example_report.h. The judgement is made up too: the reports only show it.
#include "tests/lab/experiment/example_report.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

namespace tamari::lab {
namespace {

struct ArmModel {
  const char* name;
  double speed;   // log-ratio
  double memory;  // log-ratio
};

constexpr ArmModel kModels[] = {
    {"base", 0, 0},
    {"limit64", 0.062, 0.004},
    {"bounded16", -0.048, -0.021},
    {"limit128+extra16", 0.006, 0.031},
    {kAgainName, 0, 0},
};
constexpr std::size_t kBlocks = 10;
constexpr double kNoise = 0.011;

Plan example_plan() {
  Plan plan;
  plan.name = "stash-drain";
  plan.title = "Does a longer or a bounded drain of the stash pay?";
  for (const ArmModel& model : kModels) plan.arms.push_back({model.name, "", {}, false});
  plan.arms[1].settings = {"stash_drain_limit=64"};
  plan.arms[2].settings = {"stash_bounded_drain=1", "stash_bounded_extra=16"};
  plan.arms[3].settings = {"stash_drain_limit=128", "stash_bounded_extra=16"};
  plan.arms.back().again = true;
  for (const char* lane : {"main", "guard"}) {
    plan.workloads.push_back({lane, effective_lane(find_lane(lane), {}, 2), {}, ""});
  }
  Stage screen{"screen", kBlocks, {}, {}, false, false};
  screen.gates = {{"ops", Comparison::kAtLeast, 0.03, "main"},
                  {"ops", Comparison::kAtLeast, -0.03, "guard"},
                  {"rss_peak_kib", Comparison::kAtMost, 0.05, ""}};
  Stage replay{"replay", 0, AutoRuns{}, screen.gates, true, true};
  plan.stages = {screen, replay};
  plan.hard_kills = {{"alloc_slow_calls", 0.05, {"guard"}}};
  plan.seed = 20260217;
  return plan;
}

std::string clock_words(std::size_t seconds) {
  return fmt::format("2026-03-01T10:{:02}:{:02}.000Z", seconds / 60 % 60, seconds % 60);
}

class Recorder {
 public:
  explicit Recorder(Experiment& experiment) : experiment_(experiment) {}

  void block(const std::string& stage, const std::string& workload, std::size_t number,
             const std::vector<ArmModel>& models) {
    for (std::size_t slot = 0; slot < models.size(); ++slot) {
      const ArmModel& model = models[(slot + number) % models.size()];
      SampleRecord record = blank(stage, workload, number, slot);
      record.arm = model.name;
      fill(record, model);
      experiment_.records.push_back(record);
    }
  }

 private:
  SampleRecord blank(const std::string& stage, const std::string& workload, std::size_t number,
                     std::size_t slot) {
    SampleRecord record;
    record.machine = "3f2a77c19d";
    record.stage = stage;
    record.workload = workload;
    record.block = number;
    record.slot = slot;
    record.index = experiment_.records.size();
    record.started = clock_words(record.index * 3);
    record.library = {"/usr/lib/libtamari.so.1.0.0", std::string(64, 'a'), std::string(40, 'b')};
    record.program = {"/usr/bin/bench_random_mixed_mt_remote", std::string(64, 'c'), ""};
    record.owns_malloc = true;
    record.kernel = "Linux 6.1.0";
    record.cpu_model = "Example CPU";
    record.cpu_set = "0-1";
    return record;
  }

  void fill(SampleRecord& record, const ArmModel& model) {
    const double drift = 0.03 * std::sin(static_cast<double>(record.index) / 40);
    record.effective = {{"stash_drain_limit", model.speed > 0.05 ? "64" : "32"}};
    record.exit_status = 0;
    if (record.index % 67 == 33) {
      record.exit_status.reset();
      record.failure = "killed by signal 11 (Segmentation fault)";
      return;
    }
    record.metrics["ops"] = 24e6 * std::exp(drift + model.speed + noise_(random_));
    record.metrics["wall_s"] = 2.1 / std::exp(drift + model.speed + noise_(random_));
    record.metrics["rss_peak_kib"] = 43000 * std::exp(model.memory + noise_(random_) / 3);
    record.counters["alloc_slow_calls"] = 812000 * std::exp(noise_(random_) / 9 - model.speed);
    record.counters["stash_drains"] = 91000 * std::exp(noise_(random_) / 9 - 9 * model.speed);
    record.counters["spills"] = model.speed < 0 ? 412 : 0;
  }

  Experiment& experiment_;
  std::mt19937 random_{7};
  std::normal_distribution<double> noise_{0, kNoise};
};

std::vector<ArmModel> winners() { return {kModels[0], kModels[1], kModels[4]}; }

Experiment example_experiment() {
  Experiment experiment;
  experiment.plan = example_plan();
  experiment.machine.kernel = "Linux 6.1.0";
  experiment.machine.cpu_model = "Example CPU";
  experiment.machine.cpus_online = experiment.machine.cpus_allowed = 2;
  experiment.machine.memory = "24684092 kB";
  experiment.machine.huge_pages = "always [madvise] never";
  experiment.machine.date = clock_words(0);
  experiment.machine_id = "3f2a77c19d";
  experiment.sessions = {clock_words(0), clock_words(91)};
  Recorder recorder(experiment);
  for (const char* workload : {"main", "guard"}) {
    for (std::size_t i = 0; i < kBlocks; ++i) {
      recorder.block("screen", workload, i, {std::begin(kModels), std::end(kModels)});
    }
  }
  for (const char* workload : {"main", "guard"}) {
    for (std::size_t i = 0; i < 2 * kBlocks; ++i) {
      recorder.block("replay", workload, i, winners());
    }
  }
  return experiment;
}

// Where the blocks lie and how far apart: enough like an estimate to be drawn.
Estimate rough_estimate(const std::vector<double>& blocks, double width) {
  double sum = 0;
  for (const double block : blocks) sum += block;
  const double count = static_cast<double>(blocks.size());
  Estimate estimate;
  estimate.n = blocks.size();
  estimate.effect = sum / count;
  const double half = width * kNoise * std::sqrt(2 / count);
  estimate.interval = {estimate.effect - half, estimate.effect + half};
  estimate.p = 0.03;
  return estimate;
}

double metric_of(const Experiment& experiment, const Effect& effect, const std::string& arm,
                 std::size_t block) {
  for (const SampleRecord& record : experiment.records) {
    if (record.stage == effect.stage && record.workload == effect.workload && record.arm == arm &&
        record.block == block && record.good()) {
      return record.metrics.at(effect.metric);
    }
  }
  return 0;
}

Effect make_effect(const Experiment& experiment, Effect effect) {
  for (std::size_t block = 0; block < 2 * kBlocks; ++block) {
    const double base = metric_of(experiment, effect, "base", block);
    const double arm = metric_of(experiment, effect, effect.arm, block);
    if (base > 0 && arm > 0) effect.blocks.push_back(std::log(arm / base));
    if (base > 0 && arm > 0) effect.median_base = base;
    if (base > 0 && arm > 0) effect.median_arm = arm;
  }
  if (effect.blocks.size() > 2) {
    effect.estimate = rough_estimate(effect.blocks, effect.metric == "rss_peak_kib" ? 0.8 : 2.2);
  }
  return effect;
}

GateResult make_gate(const Effect& effect, const Gate& gate) {
  GateResult result;
  result.gate = gate;
  result.stage = effect.stage;
  result.workload = effect.workload;
  result.arm = effect.arm;
  if (!effect.estimate) return result;
  result.estimate = rough_estimate(effect.blocks, 3);
  const double limit = std::log1p(gate.limit);
  const bool at_least = gate.comparison == Comparison::kAtLeast;
  const Interval& interval = result.estimate->interval;
  const bool within = at_least ? interval.low >= limit : interval.high <= limit;
  const bool beyond = at_least ? interval.high < limit : interval.low > limit;
  result.state = within ? GateState::kHeld : beyond ? GateState::kFailed : GateState::kUndecided;
  result.adjusted_p = 0.04;
  result.resolution = 0.008;
  if (result.state == GateState::kUndecided) result.blocks_needed = 24;
  result.why = within   ? "the whole interval lies within the gate"
               : beyond ? "the whole interval lies beyond the gate"
                        : "the interval reaches across the gate; 24 blocks would tell";
  return result;
}

void judge_arm(Report& report, const Stage& stage, const std::string& workload,
               const std::string& arm) {
  for (const char* metric : {"ops", "wall_s", "rss_peak_kib"}) {
    Effect effect;
    effect.stage = stage.name;
    effect.workload = workload;
    effect.metric = metric;
    effect.arm = arm;
    report.judgement.effects.push_back(make_effect(report.experiment, effect));
    if (arm == kAgainName) continue;
    for (const Gate& gate : stage.gates) {
      if (gate.metric != metric || (!gate.workload.empty() && gate.workload != workload)) continue;
      report.judgement.gates.push_back(make_gate(report.judgement.effects.back(), gate));
    }
  }
}

void judge_stages(Report& report) {
  for (const Stage& stage : report.experiment.plan.stages) {
    for (const Workload& workload : report.experiment.plan.workloads) {
      for (const ArmSpec& arm : report.experiment.plan.arms) {
        const bool there = !stage.winners_only || arm.name == "limit64" || arm.again;
        if (arm.name != "base" && there) judge_arm(report, stage, workload.name, arm.name);
      }
    }
  }
}

Judgement verdicts() {
  Judgement judgement;
  judgement.verdict = Verdict::kGo;
  judgement.why = "limit64 holds every gate of the screen and of the replay";
  judgement.variants = {
      {"limit64",
       Verdict::kGo,
       "holds every gate",
       {{"screen", Verdict::kGo, "holds 4 of 4 gates"},
        {"replay", Verdict::kGo, "holds 4 of 4 gates"}},
       1},
      {"bounded16",
       Verdict::kNoGo,
       "fails a gate",
       {{"screen", Verdict::kNoGo, "fails ops>=+3% on main: the whole interval lies below it"}},
       2},
      {"limit128+extra16",
       Verdict::kInvalid,
       "no counter moved",
       {{"screen", Verdict::kInvalid, "no counter moved: the setting was never read"}},
       0}};
  judgement.liveness = {
      {"limit64", "main", true, true, {"stash_drains", "alloc_slow_calls"}, "its code ran"},
      {"bounded16", "main", true, true, {"spills"}, "its code ran"},
      {"limit128+extra16", "main", true, false, {}, "no counter differs from the base's"}};
  judgement.hard_kills = {{{"alloc_slow_calls", 0.05, {"guard"}},
                           "limit64",
                           "guard",
                           812000,
                           763000,
                           true,
                           true,
                           false},
                          {{"alloc_slow_calls", 0.05, {"guard"}},
                           "bounded16",
                           "guard",
                           812000,
                           901000,
                           true,
                           true,
                           true}};
  judgement.cautions = {
      "on guard the A/A interval does not hold zero: something other than the arms differed"};
  judgement.complete = true;
  return judgement;
}

}  // namespace

Report example_report() {
  Report report;
  report.experiment = example_experiment();
  report.judgement = verdicts();
  judge_stages(report);
  report.conclusion = conclude_line(report.experiment, report.judgement);
  return report;
}

Report example_ab_report() {
  Report report = example_report();
  Plan& plan = report.experiment.plan;
  plan.stages.resize(1);
  plan.stages[0].gates.clear();
  plan.workloads.resize(1);
  plan.workloads[0] = {"main", {}, {"./server", "--port", "80 80"}, "cmp out golden"};
  report.judgement.gates.clear();
  report.judgement.liveness.clear();
  report.judgement.hard_kills.clear();
  report.judgement.cautions.clear();
  for (VariantVerdict& variant : report.judgement.variants) {
    variant.stages.resize(1);
    variant.verdict = Verdict::kInconclusive;
    variant.why = variant.stages[0].why = "no gate was given";
  }
  report.judgement.verdict = Verdict::kInconclusive;
  report.conclusion = conclude_arms(report.experiment, report.judgement);
  return report;
}

}  // namespace tamari::lab
