// See standings.h.
#include "lab/suite/standings.h"

#include <algorithm>
#include <string_view>

namespace tamari::lab {
namespace {

bool interval_wanted(const std::string& key) {
  return key == kSeconds || key == kCpu || key == kCpuPerOp || key == kPeak;
}

RowFigures row_figures(const RowRun& run) {
  RowFigures figures;
  figures.run = &run;
  figures.arms = summarise_arms(run, interval_wanted);
  figures.time = against_best(run, time_key(run.row), Best::kLeast);
  figures.cpu = against_best(run, kCpu, Best::kLeast);
  figures.peak = against_best(run, kPeak, Best::kLeast);
  return figures;
}

// Rows on which either has no figures, or a figure of 0, do not count.
template <typename KeyOf>
Mean mean_ratio(const std::vector<RowFigures>& rows, const std::string& peer, KeyOf key_of) {
  std::vector<double> ratios;
  for (const RowFigures& row : rows) {
    const ArmSummary* mine = row.arm("tamari");
    const ArmSummary* theirs = row.arm(peer);
    if (mine == nullptr || theirs == nullptr) continue;
    const std::string key = key_of(row.run->row);
    const double numerator = mine->median_of(key).value_or(0);
    const double denominator = theirs->median_of(key).value_or(0);
    if (numerator <= 0 || denominator <= 0) continue;
    ratios.push_back(numerator / denominator);
  }
  return {geometric_mean(ratios), ratios.size()};
}

}  // namespace

const ArmSummary* RowFigures::arm(const std::string& name) const {
  const auto found = std::find_if(arms.begin(), arms.end(),
                                  [&](const ArmSummary& summary) { return summary.arm == name; });
  return found == arms.end() ? nullptr : &*found;
}

const PeerMeans* SuiteFigures::best_peer(Mean PeerMeans::*mean) const {
  const PeerMeans* best = nullptr;
  for (const PeerMeans& peer : peers) {
    if (!(peer.*mean).ratio) continue;
    if (best == nullptr || *(peer.*mean).ratio > *(best->*mean).ratio) best = &peer;
  }
  return best;
}

SuiteFigures figures_of(const SuiteReport& report) {
  SuiteFigures figures;
  for (const RowRun& run : report.rows) figures.rows.push_back(row_figures(run));
  for (const Arm& arm : report.contestants.arms) {
    if (arm.is_tamari() || arm.name.rfind(kTamariVariant, 0) == 0) continue;
    const auto constant = [](const char* key) { return [key](const SuiteRow&) { return key; }; };
    figures.peers.push_back({arm.name, mean_ratio(figures.rows, arm.name, time_key),
                             mean_ratio(figures.rows, arm.name, constant(kCpu)),
                             mean_ratio(figures.rows, arm.name, constant(kPeak))});
  }
  return figures;
}

}  // namespace tamari::lab
