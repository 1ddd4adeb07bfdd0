// See report_markdown.h.
#include "lab/experiment/report_markdown.h"

#include <fmt/format.h>

#include <map>

#include "lab/experiment/machine_words.h"
#include "lab/experiment/wording.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// Words that no cell and no HTML reader takes for more than words.
std::string plain(const std::string& words) {
  std::string text;
  for (const char c : escape_html(words)) {
    text += c == '\n' ? std::string(" ") : c == '|' ? "\\|" : std::string(1, c);
  }
  return text;
}

std::string row(const std::vector<std::string>& cells) {
  return "| " + join(cells, " | ") + " |\n";
}

std::string heading(const std::vector<std::string>& cells) {
  return row(cells) + row(std::vector<std::string>(cells.size(), "---"));
}

std::string variants_table(const Report& report) {
  const bool judged = report.conclusion.tone != Tone::kPlain;
  std::string text = heading({"arm", "verdict", judged ? "why" : "what was seen", "failed"});
  for (const VariantVerdict& variant : report.judgement.variants) {
    text += row({"**" + plain(variant.arm) + "**", judged ? name_of(variant.verdict) : "-",
                 plain(reason_words(report, variant)), std::to_string(variant.failed_samples)});
  }
  return report.judgement.variants.empty() ? "" : "\n" + text;
}

std::string metric_cell(const Report& report, const View& view, const std::string& metric,
                        const std::string& arm) {
  const Effect* effect = find_effect(report, view, metric, arm);
  std::string text = effect == nullptr ? "-" : effect_words(effect->estimate);
  if (const GateResult* gate = gate_result(report, view, metric, arm)) {
    text += fmt::format(" ({} {})", plain(gate_words(gate->gate)), name_of(gate->state));
  }
  return text;
}

std::string view_text(const Report& report, const View& view) {
  std::vector<std::string> head = {"arm against " + plain(base_name(report.experiment.plan)), "n"};
  for (const std::string& metric : view.metrics) head.push_back(plain(metric_label(metric)));
  std::string text = fmt::format("\n### {}\n\n{}", plain(view_name(report, view)), heading(head));
  for (const std::string& arm : view.arms) {
    const Effect* first = find_effect(report, view, view.metrics.front(), arm);
    std::vector<std::string> cells = {
        plain(arm), first == nullptr ? "-" : fmt::format("{}", first->blocks.size())};
    for (const std::string& metric : view.metrics) {
      cells.push_back(metric_cell(report, view, metric, arm));
    }
    text += row(cells);
  }
  text += "\n" + plain(resolution_words(report, view, view.metrics.front())) + ".\n";
  const std::string agreement = agreement_words(report, view, view.metrics.front());
  return agreement.empty() ? text : text + "\n" + plain(agreement) + ".\n";
}

std::string plan_text(const Report& report) {
  const Plan& plan = report.experiment.plan;
  std::string text = fmt::format("- order: {}; seed {}\n", order_words(plan.order), plan.seed);
  for (const Stage& stage : plan.stages) {
    text += fmt::format("- {}: {}\n", plain(stage.name), plain(stage_words(stage)));
  }
  for (const HardKill& rule : plan.hard_kills) {
    text += fmt::format("- hard kill: {}\n", plain(kill_words(rule)));
  }
  for (const Workload& workload : plan.workloads) {
    text += fmt::format("- {}: {}\n", plain(workload.name), plain(command_words(workload)));
  }
  return text;
}

std::string machine_text(const Machine& machine) {
  const auto known = [](const std::string& word) { return word.empty() ? "unknown" : word; };
  return fmt::format(
      "- {}, {} of {} CPUs, {}, {}\n- transparent huge pages {}; governor {}; load {}\n",
      plain(known(machine.cpu_model)), machine.cpus_allowed, machine.cpus_online,
      plain(known(machine.memory)), plain(known(machine.kernel)), plain(known(machine.huge_pages)),
      plain(known(machine.governor)), plain(known(machine.load_average)));
}

// Of an experiment on several machines; each record knows its own.
std::string machines_text(const Experiment& experiment) {
  std::map<std::string, const SampleRecord*> machines;
  for (const SampleRecord& record : experiment.records) machines.emplace(record.machine, &record);
  if (machines.size() < 2) return machine_text(experiment.machine);
  std::string text;
  for (const auto& [id, record] : machines) {
    text += fmt::format("- {}: {}, CPUs {}, {}, load {}\n", plain(id), plain(record->cpu_model),
                        plain(record->cpu_set), plain(record->kernel), plain(record->load_average));
  }
  return text;
}

std::string libraries_text(const Report& report) {
  constexpr std::size_t kHashLetters = 12;
  std::string text;
  for (const ArmSpec& arm : report.experiment.plan.arms) {
    for (const SampleRecord& record : report.experiment.records) {
      if (record.arm != arm.name) continue;
      text += fmt::format("- {}: {} sha256 {} {}\n", plain(arm.name), plain(record.library.path),
                          record.library.sha256.substr(0, kHashLetters),
                          plain(join(arm.settings, ",")));
      break;
    }
  }
  return text;
}

}  // namespace

std::string markdown_report(const Report& report) {
  const Plan& plan = report.experiment.plan;
  const std::string origin = origin_words(report.experiment);
  std::string text = fmt::format(
      "## {}\n\n**{}**: {}\n\n{}. {}{}.\n", plain(plan.title.empty() ? plan.name : plan.title),
      report.conclusion.word, plain(report.conclusion.sentence), plain(sample_words(report)),
      report.experiment.machine.date, origin.empty() ? "" : "; " + origin);
  for (const std::string& caution : report.judgement.cautions) {
    text += fmt::format("\n> Caution: {}\n", plain(caution));
  }
  text += variants_table(report);
  for (const View& view : views(report)) text += view_text(report, view);
  return text + fmt::format(
                    "\n<details><summary>Plan, libraries, machine</summary>\n\n{}{}{}\n"
                    "</details>\n",
                    plan_text(report), libraries_text(report), machines_text(report.experiment));
}

}  // namespace tamari::lab
