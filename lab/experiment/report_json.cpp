// See report_json.h. A field may be added within version 1; a change of meaning makes version 2.
#include "lab/experiment/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "lab/experiment/wording.h"

namespace tamari::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kSchema[] = "tamari.experiment.summary/1";
constexpr int kIndent = 1;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json number(const std::optional<double>& value) { return value ? number(*value) : Json(); }

Json known(const std::string& words) { return words.empty() ? Json() : Json(words); }

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number(value));
  return list;
}

template <typename Items, typename Convert>
Json list_of(const Items& items, Convert convert) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(convert(item));
  return list;
}

Json interval_json(const std::optional<Interval>& interval) {
  return interval ? Json{number(interval->low), number(interval->high)} : Json();
}

Json estimate_json(const std::optional<Estimate>& estimate) {
  if (!estimate) return {};
  return {{"n", estimate->n},
          {"effect", number(estimate->effect)},
          {"interval", interval_json(estimate->interval)},
          {"bootstrap", interval_json(estimate->bootstrap)},
          {"confidence", estimate->confidence},
          {"p", number(estimate->p)}};
}

Json effect_json(const Effect& effect) {
  Json machines;
  if (effect.machines) {
    machines = {{"q", number(effect.machines->q)},
                {"p", number(effect.machines->p)},
                {"i_squared", number(effect.machines->i_squared)}};
  }
  return {{"stage", effect.stage},
          {"workload", effect.workload},
          {"metric", effect.metric},
          {"arm", effect.arm},
          {"estimate", estimate_json(effect.estimate)},
          {"median_base", number(effect.median_base)},
          {"median_arm", number(effect.median_arm)},
          {"between_machines", machines},
          {"blocks", numbers(effect.blocks)}};
}

Json gate_json(const GateResult& gate) {
  return {{"gate", gate_words(gate.gate)},
          {"stage", gate.stage},
          {"workload", gate.workload},
          {"arm", gate.arm},
          {"state", name_of(gate.state)},
          {"why", gate.why},
          {"estimate", estimate_json(gate.estimate)},
          {"adjusted_p", number(gate.adjusted_p)},
          {"resolution", number(gate.resolution)},
          {"blocks_needed", gate.blocks_needed ? Json(*gate.blocks_needed) : Json()}};
}

Json liveness_json(const Liveness& liveness) {
  return {{"arm", liveness.arm},
          {"workload", liveness.workload},
          {"alive", liveness.checked ? Json(liveness.alive) : Json()},
          {"counters", liveness.counters},
          {"why", liveness.why}};
}

Json hard_kill_json(const HardKillResult& result) {
  return {{"counter", result.rule.counter},
          {"rise", result.rule.rise},
          {"arm", result.arm},
          {"workload", result.workload},
          {"median_base", number(result.median_base)},
          {"median_arm", number(result.median_arm)},
          {"judged", result.judged},
          {"proved", result.proved},
          {"killed", result.killed}};
}

Json variant_json(const VariantVerdict& variant) {
  const auto stage = [](const StageOutcome& outcome) {
    return Json{
        {"stage", outcome.stage}, {"verdict", name_of(outcome.verdict)}, {"why", outcome.why}};
  };
  return {{"arm", variant.arm},
          {"verdict", name_of(variant.verdict)},
          {"why", variant.why},
          {"failed_samples", variant.failed_samples},
          {"stages", list_of(variant.stages, stage)}};
}

Json machine_json(const Experiment& experiment) {
  const Machine& machine = experiment.machine;
  return {
      {"id", known(experiment.machine_id)},  {"date", known(machine.date)},
      {"kernel", known(machine.kernel)},     {"cpu_model", known(machine.cpu_model)},
      {"cpus_online", machine.cpus_online},  {"cpus_allowed", machine.cpus_allowed},
      {"memory", known(machine.memory)},     {"transparent_huge_pages", known(machine.huge_pages)},
      {"governor", known(machine.governor)}, {"load_average", known(machine.load_average)}};
}

Json view_json(const Report& report, const View& view) {
  return {{"stage", view.stage->name},
          {"workload", view.workload->name},
          {"leading_metric", view.metrics.front()},
          {"resolution", number(resolution_of(report, view, view.metrics.front()))}};
}

Json judgement_json(const Report& report) {
  const Judgement& judgement = report.judgement;
  return {
      {"verdict", report.conclusion.word},
      {"sentence", report.conclusion.sentence},
      {"exit_status", report.conclusion.status},
      {"complete", judgement.complete},
      {"interrupted", report.experiment.interrupted},
      {"cautions", judgement.cautions},
      {"today", list_of(views(report), [&](const View& view) { return view_json(report, view); })},
      {"variants", list_of(judgement.variants, variant_json)},
      {"gates", list_of(judgement.gates, gate_json)},
      {"effects", list_of(judgement.effects, effect_json)},
      {"liveness", list_of(judgement.liveness, liveness_json)},
      {"hard_kills", list_of(judgement.hard_kills, hard_kill_json)}};
}

}  // namespace

std::string summary_json(const Report& report) {
  Json json = {{"schema", kSchema},
               {"plan", Json::parse(to_json(report.experiment.plan))},
               {"machine", machine_json(report.experiment)},
               {"sessions", report.experiment.sessions},
               {"joined_shards", report.experiment.joined},
               {"samples", report.experiment.records.size()},
               {"failed_samples", failed_records(report).size()}};
  json.update(judgement_json(report));
  // Output of a program may be of any encoding; the summary is always UTF-8.
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tamari::lab
