// See report_terminal.h.
#include "lab/experiment/report_terminal.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/experiment/machine_words.h"
#include "lab/experiment/wording.h"
#include "lab/table.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kFailuresShown = 10;
constexpr std::size_t kCautionsShown = 4;

std::string blocks_words(const Effect* effect) {
  return effect == nullptr ? "-" : fmt::format("{}", effect->blocks.size());
}

std::string effect_cell(const Effect* effect) {
  return effect == nullptr ? "-" : effect_words(effect->estimate);
}

std::string gates_cell(const Report& report, const View& view, const std::string& arm) {
  std::vector<std::string> parts;
  for (const GateResult* gate : gates_of(report, view)) {
    if (gate->arm != arm) continue;
    parts.push_back(fmt::format("{} {}", gate_words(gate->gate), name_of(gate->state)));
  }
  return join(parts, ", ");
}

Table effects_table(const Report& report, const View& view) {
  std::vector<std::string> heading = {"arm/" + base_name(report.experiment.plan), "n"};
  for (const std::string& metric : view.metrics) {
    heading.push_back(metric_label(metric) + " [95 %]");
  }
  heading.push_back("seen");
  if (!view.stage->gates.empty()) heading.push_back("gates");
  Table table(heading, Cells::kWords);
  for (const std::string& arm : view.arms) {
    std::vector<std::string> row = {
        arm, blocks_words(find_effect(report, view, view.metrics.front(), arm))};
    for (const std::string& metric : view.metrics) {
      row.push_back(effect_cell(find_effect(report, view, metric, arm)));
    }
    const bool again = is_again(report.experiment.plan, arm);
    row.push_back(again ? "A/A: noise" : findings_words(report, view, arm));
    if (!view.stage->gates.empty()) row.push_back(gates_cell(report, view, arm));
    table.add(row);
  }
  return table;
}

// Is the reason of a gate said once more with the verdict of its arm?
bool said_in_verdict(const Report& report, const GateResult& gate) {
  const auto& variants = report.judgement.variants;
  return std::any_of(variants.begin(), variants.end(), [&](const VariantVerdict& variant) {
    return variant.arm == gate.arm && variant.why.find(gate.why) != std::string::npos;
  });
}

std::string view_text(const Report& report, const View& view, bool colour) {
  std::string text =
      fmt::format("\n{}: {}\n{}{}\n", view_name(report, view), command_words(*view.workload),
                  effects_table(report, view).render(colour),
                  resolution_words(report, view, view.metrics.front()));
  const std::string agreement = agreement_words(report, view, view.metrics.front());
  if (!agreement.empty()) text += agreement + "\n";
  for (const GateResult* gate : gates_of(report, view)) {
    if (gate->state == GateState::kHeld || said_in_verdict(report, *gate)) continue;
    text += fmt::format("{}: {} is {}: {}\n", gate->arm, gate_words(gate->gate),
                        name_of(gate->state), gate->why);
  }
  return text;
}

std::string failures_text(const Report& report) {
  std::string text;
  const auto failed = failed_records(report);
  for (std::size_t i = 0; i < failed.size() && i < kFailuresShown; ++i) {
    text += fmt::format("failed: {} on {}, sample {}: {}\n", failed[i]->arm, failed[i]->workload,
                        failed[i]->index + 1, failed[i]->failure);
  }
  if (failed.size() > kFailuresShown) {
    text += fmt::format("failed: {} more, in samples.tsv\n", failed.size() - kFailuresShown);
  }
  return text;
}

std::string verdicts_text(const Report& report) {
  std::string text;
  const std::vector<std::string>& cautions = report.judgement.cautions;
  for (std::size_t i = 0; i < cautions.size() && i < kCautionsShown; ++i) {
    text += "caution: " + cautions[i] + "\n";
  }
  if (cautions.size() > kCautionsShown) {
    text += fmt::format("caution: {} more, in summary.json\n", cautions.size() - kCautionsShown);
  }
  if (report.conclusion.tone == Tone::kPlain) return text;
  for (const VariantVerdict& variant : report.judgement.variants) {
    text += fmt::format("{}: {}: {}\n", variant.arm, name_of(variant.verdict), variant.why);
  }
  return text;
}

std::string arm_words(const ArmSpec& arm) {
  std::vector<std::string> parts;
  if (arm.again) parts.emplace_back("the base once more (A/A)");
  if (!arm.library.empty()) parts.push_back(arm.library);
  if (!arm.settings.empty()) parts.push_back(join(arm.settings, ","));
  return parts.empty() ? "tamari, default settings" : join(parts, ", ");
}

}  // namespace

std::string terminal_report(const Report& report, bool colour) {
  std::string text = sample_words(report);
  const std::string origin = origin_words(report.experiment);
  text += (origin.empty() ? "" : "; " + origin) + "\n";
  for (const View& view : views(report)) text += view_text(report, view, colour);
  const std::string verdict =
      fmt::format("{}: {}", report.conclusion.word, report.conclusion.sentence);
  return text + "\n" + failures_text(report) + verdicts_text(report) +
         (colour ? "\033[1m" + verdict + "\033[0m\n" : verdict + "\n");
}

std::string announcement(const Plan& plan) {
  Table arms({"arm", "what it is"}, Cells::kWords);
  for (const ArmSpec& arm : plan.arms) arms.add({arm.name, arm_words(arm)});
  std::string text = arms.render(false);
  for (const Stage& stage : plan.stages) {
    text += fmt::format("{}: {}\n", stage.name, stage_words(stage));
  }
  for (const HardKill& rule : plan.hard_kills) {
    text += fmt::format("hard kill: {}\n", kill_words(rule));
  }
  return text + fmt::format("order: {}; seed {}\n", order_words(plan.order), plan.seed);
}

}  // namespace tamari::lab
