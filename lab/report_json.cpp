// See report_json.h. A field may be added within version 1; a change of meaning makes version 2.
#include "lab/report_json.h"

#include "lab/json_parts.h"

namespace tamari::lab {
namespace {

constexpr char kSchema[] = "tamari.bench.lanes/1";

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
      {"timeout_s", report.settings.timeout_s}};
  add_contestants(report.contestants, json);
  json["lanes"] = Json::array();
  for (const LaneRun& run : report.lanes) json["lanes"].push_back(lane_json(run));
  return json.dump(kJsonIndent);
}

}  // namespace tamari::lab
