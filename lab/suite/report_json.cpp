// See report_json.h. A field may be added within version 1; a change of meaning makes version 2.
#include "lab/suite/report_json.h"

#include "lab/json_parts.h"
#include "lab/suite/series.h"

namespace tamari::lab {
namespace {

constexpr char kSchema[] = "tamari.bench.suite/1";

const char* name_of(SuiteKind kind) {
  constexpr const char* kNames[] = {"workloads", "latency", "programs", "growth", "scaling"};
  return kNames[static_cast<int>(kind)];
}

Json mean_json(const Mean& mean) { return {{"ratio", or_null(mean.ratio)}, {"rows", mean.rows}}; }

Json peers_json(const SuiteFigures& figures) {
  Json peers = Json::array();
  for (const PeerMeans& peer : figures.peers) {
    peers.push_back({{"peer", peer.peer},
                     {"time", mean_json(peer.time)},
                     {"cpu", mean_json(peer.cpu)},
                     {"peak", mean_json(peer.peak)}});
  }
  return peers;
}

Json best_peer_json(const SuiteFigures& figures, Mean PeerMeans::*mean) {
  const PeerMeans* best = figures.best_peer(mean);
  return best == nullptr ? Json() : Json(best->peer);
}

Json beyond_json(const RowFigures& row) {
  Json beyond = Json::array();
  if (row.beyond_time()) beyond.push_back("time");
  if (row.beyond_peak()) beyond.push_back("peak");
  return beyond;
}

Json row_json(const RowFigures& row) {
  Json json = {{"name", row.run->row.name},
               {"about", row.run->row.about},
               {"command", row.run->row.command},
               {"time_metric", time_key(row.run->row)},
               {"complete", row.run->complete},
               {"tamari_to_best_peer_time", standing_json(row.time)},
               {"tamari_to_best_peer_cpu", standing_json(row.cpu)},
               {"tamari_to_best_peer_peak", standing_json(row.peak)},
               {"beyond", beyond_json(row)},
               {"arms", Json::array()},
               {"samples", Json::array()}};
  for (const ArmSummary& arm : row.arms) json["arms"].push_back(summary_json(arm));
  for (const Sample& sample : row.run->samples) json["samples"].push_back(sample_json(sample));
  return json;
}

Json place_json(const RowFigures& row) {
  return {{"row", row.run->row.name}, {"at", row.run->row.at}};
}

Json spread_json(const Series& series, const std::string& arm) {
  const auto spread = spread_of(series, arm);
  if (!spread) return {};
  return {{"least", place_json(*spread->least)},
          {"most", place_json(*spread->most)},
          {"ratio", spread->ratio.value},
          {"interval", or_null(spread->ratio.interval)},
          {"flat", spread->flat()},
          {"unsure", spread->unsure()}};
}

Json efficiencies_json(const Series& series, const std::string& arm, unsigned cpus) {
  Json values = Json::array();
  for (const RowFigures* row : series.rows) {
    values.push_back(or_null(efficiency_of(series, *row, arm, cpus)));
  }
  return values;
}

// Of the kinds whose rows are series.
Json series_json(const SuiteReport& report, const Series& series) {
  Json json = {{"name", series.name},
               {"about", series.rows.front()->run->row.about},
               {"rows", Json::array()},
               {"arms", Json::array()}};
  for (const RowFigures* row : series.rows) json["rows"].push_back(place_json(*row));
  for (const Arm& arm : report.contestants.arms) {
    Json entry = {{"arm", arm.name}};
    if (report.kind == SuiteKind::kGrowth) {
      entry["spread"] = spread_json(series, arm.name);
    } else {
      entry["efficiency"] = efficiencies_json(series, arm.name, report.machine.cpus_allowed);
    }
    json["arms"].push_back(entry);
  }
  return json;
}

bool has_series(const SuiteReport& report) {
  return report.kind == SuiteKind::kGrowth || report.kind == SuiteKind::kScaling;
}

}  // namespace

std::string suite_json(const SuiteReport& report, const SuiteFigures& figures) {
  Json json = {{"schema", kSchema},
               {"kind", name_of(report.kind)},
               {"command", report.command},
               {"partial", report.partial()},
               {"rounds", report.runs},
               {"rounds_complete", report.rounds_done},
               {"seed", report.seed},
               {"scale", report.scale},
               {"limits", {{"time", kTimeLimit}, {"peak", kMemoryLimit}, {"flat", kFlatLimit}}},
               {"environment", machine_json(report.machine)}};
  add_contestants(report.contestants, json);
  json["best_single_peer"] = {{"time", best_peer_json(figures, &PeerMeans::time)},
                              {"cpu", best_peer_json(figures, &PeerMeans::cpu)},
                              {"peak", best_peer_json(figures, &PeerMeans::peak)}};
  json["geometric_means"] = peers_json(figures);
  json["missing_rows"] = Json::array();
  for (const MissingRow& row : report.missing_rows) {
    json["missing_rows"].push_back({{"name", row.name}, {"reason", row.reason}});
  }
  if (has_series(report)) {
    json["series"] = Json::array();
    for (const Series& series : series_of(figures)) {
      json["series"].push_back(series_json(report, series));
    }
  }
  json["rows"] = Json::array();
  for (const RowFigures& row : figures.rows) json["rows"].push_back(row_json(row));
  return json.dump(kJsonIndent);
}

}  // namespace tamari::lab
