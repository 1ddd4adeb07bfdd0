// See report_json.h. A field may be added within version 1; a change of meaning makes version 2.
#include "lab/report_json.h"

#include <nlohmann/json.hpp>

namespace tamari::lab {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kSchema[] = "tamari.bench.lanes/1";
constexpr int kIndent = 1;

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json or_null(const std::optional<Interval>& interval) {
  return interval ? Json{interval->low, interval->high} : Json();
}

Json machine_json(const Machine& machine) {
  return {{"date", machine.date},
          {"kernel", machine.kernel},
          {"cpu_model", or_null(machine.cpu_model)},
          {"cpus_online", machine.cpus_online},
          {"cpus_allowed", machine.cpus_allowed},
          {"memory", or_null(machine.memory)},
          {"transparent_huge_pages", or_null(machine.huge_pages)},
          {"governor", or_null(machine.governor)},
          {"load_average", or_null(machine.load_average)}};
}

Json arm_json(const Arm& arm) {
  return {{"name", arm.name},
          {"library", arm.library},
          {"sha256", or_null(arm.sha256)},
          {"preload", or_null(arm.preload)},
          {"settings", or_null(arm.settings)},
          {"owns_malloc", true}};
}

Json sample_json(const Sample& sample) {
  return {{"arm", sample.arm},
          {"round", sample.round},
          {"order", sample.order},
          {"wall_s", sample.wall_s},
          {"failure", or_null(sample.failure)},
          {"values", sample.good() ? Json(sample.values) : Json()}};
}

Json summary_json(const ArmSummary& summary) {
  Json metrics = Json::object();
  for (const auto& [key, metric] : summary.metrics) {
    metrics[key] = {{"median", or_null(metric.median)}, {"interval", or_null(metric.interval)}};
  }
  return {{"arm", summary.arm},
          {"good", summary.good},
          {"failed", summary.failed},
          {"metrics", metrics}};
}

Json standing_json(const std::optional<Standing>& standing) {
  if (!standing) return {};
  return {{"peer", standing->peer},
          {"ratio", standing->ratio.value},
          {"interval", or_null(standing->ratio.interval)}};
}

Json lane_json(const LaneRun& run) {
  Json lane = {{"name", run.lane.name},
               {"arguments", run.lane.arguments()},
               {"complete", run.complete},
               {"cautions", cautions(run)},
               {"tamari_to_fastest_peer", standing_json(against_fastest(run))},
               {"tamari_to_leanest_peer_peak", standing_json(against_leanest(run, kPeak))},
               {"tamari_to_leanest_peer_settled", standing_json(against_leanest(run, kSettled))},
               {"arms", Json::array()},
               {"samples", Json::array()}};
  for (const ArmSummary& summary : summarise(run)) lane["arms"].push_back(summary_json(summary));
  for (const Sample& sample : run.samples) lane["samples"].push_back(sample_json(sample));
  return lane;
}

}  // namespace

std::string json_report(const BenchReport& report) {
  Json json = {
      {"schema", kSchema},
      {"interrupted", report.interrupted},
      {"environment", machine_json(report.machine)},
      {"bench", {{"path", report.settings.bench}, {"sha256", or_null(report.bench_sha256)}}},
      {"runs", report.settings.runs},
      {"seed", report.settings.seed},
      {"settle_ms", report.settings.settle_ms},
      {"timeout_s", report.settings.timeout_s},
      {"notes", report.notes},
      {"arms", Json::array()},
      {"refused_arms", Json::array()},
      {"lanes", Json::array()}};
  for (const Arm& arm : report.arms) json["arms"].push_back(arm_json(arm));
  for (const RefusedArm& arm : report.refused) {
    json["refused_arms"].push_back({{"name", arm.name}, {"reason", arm.reason}});
  }
  for (const LaneRun& run : report.lanes) json["lanes"].push_back(lane_json(run));
  return json.dump(kIndent);
}

}  // namespace tamari::lab
