// See json_parts.h.
#include "lab/json_parts.h"

namespace tamari::lab {
namespace {

Json arm_json(const Arm& arm) {
  return {{"name", arm.name},
          {"library", arm.library},
          {"sha256", or_null(arm.sha256)},
          {"preload", or_null(arm.preload)},
          {"settings", or_null(arm.settings)},
          {"owns_malloc", true}};
}

}  // namespace

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

void add_contestants(const Contestants& contestants, Json& report) {
  Json arms = Json::array();
  Json refused = Json::array();
  Json missing = Json::array();
  Json notes = Json::array();
  for (const Arm& arm : contestants.arms) arms.push_back(arm_json(arm));
  for (const RefusedArm& arm : contestants.refused) {
    refused.push_back({{"name", arm.name}, {"reason", arm.reason}});
  }
  for (const MissingPeer& peer : contestants.missing) {
    missing.push_back({{"name", peer.name}, {"advice", peer.advice}});
    notes.push_back(peer.words());
  }
  report["notes"] = notes;
  report["arms"] = arms;
  report["refused_arms"] = refused;
  report["missing_arms"] = missing;
}

}  // namespace tamari::lab
