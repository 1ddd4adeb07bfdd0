// How tamari stands: on each row to the best peer of that row, over all rows to each single peer by
// the geometric mean. Every ratio is tamari's figure over the peer's, so less is better.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/suite/suite_report.h"

namespace tamari::lab {

// A row beyond one of these is marked.
inline constexpr double kTimeLimit = 1.05;
inline constexpr double kMemoryLimit = 1.15;

struct RowFigures {
  const RowRun* run = nullptr;
  std::vector<ArmSummary> arms;
  std::optional<Standing> time;
  std::optional<Standing> cpu;
  std::optional<Standing> peak;

  bool beyond_time() const { return time && time->ratio.value > kTimeLimit; }
  bool beyond_peak() const { return peak && peak->ratio.value > kMemoryLimit; }
  const ArmSummary* arm(const std::string& name) const;
};

struct Mean {
  std::optional<double> ratio;
  std::size_t rows = 0;  // on which both have figures
};

struct PeerMeans {
  std::string peer;
  Mean time;
  Mean cpu;
  Mean peak;
};

struct SuiteFigures {
  std::vector<RowFigures> rows;
  std::vector<PeerMeans> peers;

  // The peer that leaves tamari the worst mean: the best single peer. Null without a peer.
  const PeerMeans* best_peer(Mean PeerMeans::*mean) const;
};

SuiteFigures figures_of(const SuiteReport& report);

}  // namespace tamari::lab
