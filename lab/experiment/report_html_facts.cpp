// See report_html.h: what was asked, what ran, where, and what failed.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "lab/experiment/explanation.h"
#include "lab/experiment/gate.h"
#include "lab/experiment/html_table.h"
#include "lab/experiment/report_html.h"
#include "lab/experiment/wording.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kHashLetters = 12;

std::string section(const char* heading, const std::string& body) {
  return body.empty() ? "" : fmt::format("<section><h2>{}</h2>\n{}</section>\n", heading, body);
}

// Rows of a name and a value; a value that is not known has none.
class Facts {
 public:
  void add(const char* name, const std::string& value) {
    if (!value.empty()) table_.add({cell(name), cell(value)});
  }
  std::string render() const { return table_.render(); }

 private:
  HtmlTable table_{{"", ""}, HtmlTable::Cells::kWords};
};

std::string liveness_state(const Liveness& liveness) {
  if (!liveness.checked) return "no counters";
  return toned_cell(liveness.alive ? Tone::kGood : Tone::kUnsure,
                    liveness.alive ? "alive" : "blind");
}

std::string kill_state(const HardKillResult& result) {
  if (!result.judged) return toned_cell(Tone::kPlain, "the stage is not complete");
  if (!result.proved) return toned_cell(Tone::kUnsure, "never above zero: proves nothing");
  return result.killed ? toned_cell(Tone::kBad, "killed") : toned_cell(Tone::kGood, "within");
}

void add_stages(const Plan& plan, Facts& facts) {
  for (const Stage& stage : plan.stages) {
    facts.add(("stage " + stage.name).c_str(), stage_words(stage));
  }
  for (const HardKill& rule : plan.hard_kills) facts.add("hard kill", kill_words(rule));
  for (const MetricSpec& metric : plan.metrics) {
    if (!metric.regex.empty()) facts.add("metric", metric.name + " = " + metric.regex);
  }
  for (const Workload& workload : plan.workloads) {
    facts.add(("workload " + workload.name).c_str(), command_words(workload));
    facts.add("check", workload.check);
  }
}

struct Identity {
  std::set<std::string> paths, hashes, build_ids;
  std::size_t samples = 0;
  std::size_t owning = 0;

  void add(const FileFacts& file) {
    if (!file.path.empty()) paths.insert(file.path);
    if (!file.sha256.empty()) hashes.insert(file.sha256.substr(0, kHashLetters));
    if (!file.build_id.empty()) build_ids.insert(file.build_id.substr(0, kHashLetters));
  }
};

std::string listed(const std::set<std::string>& words) {
  return code_cell(join(std::vector<std::string>(words.begin(), words.end()), ", "));
}

// The settings that were in force and are not the base's.
std::string effective_difference(const Report& report, const std::string& arm) {
  const auto first_of = [&](const std::string& name) -> const SampleRecord* {
    for (const SampleRecord& record : report.experiment.records) {
      if (record.arm == name && !record.effective.empty()) return &record;
    }
    return nullptr;
  };
  const SampleRecord* base = first_of(base_name(report.experiment.plan));
  const SampleRecord* other = first_of(arm);
  std::vector<std::string> parts;
  if (base == nullptr || other == nullptr) return {};
  for (const auto& [key, value] : other->effective) {
    const auto found = base->effective.find(key);
    if (found == base->effective.end() || found->second != value) {
      parts.push_back(key + "=" + value);
    }
  }
  return join(parts, ", ");
}

std::string machines_table(const Report& report) {
  std::map<std::string, const SampleRecord*> machines;
  for (const SampleRecord& record : report.experiment.records) {
    machines.emplace(record.machine, &record);
  }
  HtmlTable table(
      {"machine", "CPU", "CPU set", "kernel", "governor", "huge pages", "load at its first sample"},
      HtmlTable::Cells::kWords);
  const auto known = [](const std::string& word) { return cell(word.empty() ? "-" : word); };
  for (const auto& [id, record] : machines) {
    table.add({code_cell(id.substr(0, kHashLetters)), known(record->cpu_model),
               known(record->cpu_set), known(record->kernel), known(record->governor),
               known(record->huge_pages), known(record->load_average)});
  }
  return table.empty() ? "" : table.render();
}

std::string programs_table(const Report& report) {
  std::map<std::string, Identity> programs;
  for (const SampleRecord& record : report.experiment.records) {
    programs[record.workload].add(record.program);
  }
  HtmlTable table({"workload", "program", "sha256", "build-id"}, HtmlTable::Cells::kWords);
  for (const auto& [workload, identity] : programs) {
    table.add({cell(workload), listed(identity.paths), listed(identity.hashes),
               listed(identity.build_ids)});
  }
  return table.empty() ? "" : table.render();
}

}  // namespace

std::string liveness_section(const Report& report) {
  HtmlTable table({"arm", "workload", "its code", "counters that moved", "why"},
                  HtmlTable::Cells::kWords);
  for (const Liveness& liveness : report.judgement.liveness) {
    table.add({cell(liveness.arm), cell(liveness.workload), liveness_state(liveness),
               cell(liveness.counters.empty() ? "-" : join(liveness.counters, ", ")),
               reason_cell(liveness.why)});
  }
  return section("Did each setting do anything?", table.empty() ? "" : table.render());
}

std::string hard_kill_section(const Report& report) {
  HtmlTable table({"counter", "arm", "workload", "base", "arm's median", "change", ""},
                  HtmlTable::Cells::kWords);
  for (const HardKillResult& result : report.judgement.hard_kills) {
    const auto count = [](const std::optional<double>& value) {
      return value ? cell(count_words(*value)) : std::string("-");
    };
    table.add({cell(result.rule.counter), cell(result.arm), cell(result.workload),
               count(result.median_base), count(result.median_arm),
               cell(result.median_base ? move_words(*result.median_base, result.median_arm) : "-"),
               kill_state(result)});
  }
  return section("Hard-kill counters", table.empty() ? "" : table.render());
}

std::string plan_section(const Report& report) {
  const Plan& plan = report.experiment.plan;
  Facts facts;
  facts.add("order", order_words(plan.order));
  add_stages(plan, facts);
  facts.add("seed", std::to_string(plan.seed));
  facts.add("pinned to CPUs", plan.pin);
  facts.add("time limit of a sample", fmt::format("{:g} s", plan.timeout_s));
  facts.add("settling before RSS is read", fmt::format("{} ms", plan.settle_ms));
  if (plan.budget_s > 0) facts.add("time budget", fmt::format("{:g} s", plan.budget_s));
  return section("The plan, fixed before the first sample", facts.render());
}

std::string arms_section(const Report& report) {
  std::map<std::string, Identity> libraries;
  for (const SampleRecord& record : report.experiment.records) {
    Identity& identity = libraries[record.arm];
    identity.add(record.library);
    ++identity.samples;
    identity.owning += record.owns_malloc ? 1 : 0;
  }
  HtmlTable table({"arm", "library", "sha256", "build-id", "settings asked for",
                   "in force, unlike the base's", "owned malloc"},
                  HtmlTable::Cells::kWords);
  for (const ArmSpec& arm : report.experiment.plan.arms) {
    const Identity& identity = libraries[arm.name];
    const std::string effective = effective_difference(report, arm.name);
    table.add({cell(arm.name), listed(identity.paths), listed(identity.hashes),
               listed(identity.build_ids), code_cell(join(arm.settings, ", ")),
               code_cell(effective),
               fmt::format("in {} of {} samples", identity.owning, identity.samples)});
  }
  return section("Arms", table.render() + programs_table(report));
}

std::string environment_section(const Report& report) {
  const Experiment& experiment = report.experiment;
  const Machine& machine = experiment.machine;
  Facts facts;
  facts.add("kernel", machine.kernel);
  facts.add("CPU", machine.cpu_model);
  facts.add("CPUs", fmt::format("{} of {}", machine.cpus_allowed, machine.cpus_online));
  facts.add("memory", machine.memory);
  facts.add("transparent huge pages", machine.huge_pages);
  facts.add("governor", machine.governor.empty() ? "unknown" : machine.governor);
  facts.add("load at the start", machine.load_average);
  facts.add("sessions began", join(experiment.sessions, ", "));
  return section("Environment", facts.render() + machines_table(report));
}

std::string failures_section(const Report& report) {
  HtmlTable table({"arm", "workload", "stage", "sample", "exit status", "what happened"},
                  HtmlTable::Cells::kWords);
  for (const SampleRecord* record : failed_records(report)) {
    table.add({cell(record->arm), cell(record->workload), cell(record->stage),
               fmt::format("{}", record->index + 1),
               record->exit_status ? std::to_string(*record->exit_status) : "-",
               reason_cell(record->failure)});
  }
  return section("Failed samples", table.empty() ? "" : table.render());
}

}  // namespace tamari::lab
