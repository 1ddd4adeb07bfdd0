#include "lab/suite/standings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/lab/suite/example_suite.h"

namespace tamari::lab {
namespace {

const PeerMeans& means_of(const SuiteFigures& figures, const std::string& peer) {
  for (const PeerMeans& means : figures.peers) {
    if (means.peer == peer) return means;
  }
  throw std::runtime_error("no means of " + peer);
}

TEST(SuiteStandings, CompareEachRowWithItsBestPeer) {
  const SuiteReport report = example_suite();
  const SuiteFigures figures = figures_of(report);
  const RowFigures& behind = figures.rows[1];
  EXPECT_EQ(behind.time->peer, "quick");
  EXPECT_DOUBLE_EQ(behind.time->ratio.value, 2);
  EXPECT_DOUBLE_EQ(behind.time->ratio.interval->high, 2)
      << "rounds are pairs, so the drift cancels";
  EXPECT_EQ(behind.peak->peer, "lean");
  EXPECT_DOUBLE_EQ(behind.peak->ratio.value, 4);
}

TEST(SuiteStandings, MarkRowsBeyondTheLimitsOnly) {
  const SuiteReport report = example_suite();
  const SuiteFigures figures = figures_of(report);
  EXPECT_FALSE(figures.rows[0].beyond_time());
  EXPECT_FALSE(figures.rows[0].beyond_peak());
  EXPECT_TRUE(figures.rows[1].beyond_time());
  EXPECT_TRUE(figures.rows[1].beyond_peak());
  EXPECT_FALSE(figures.rows[2].beyond_time());
}

TEST(SuiteStandings, MeansAreGeometricAndLeaveOutRowsWithoutFigures) {
  const SuiteReport report = example_suite();
  const SuiteFigures figures = figures_of(report);
  EXPECT_NEAR(*means_of(figures, "quick").time.ratio, std::cbrt(1 * 2 * 0.5), 1e-12);
  EXPECT_EQ(means_of(figures, "lean").time.rows, 2u);
  EXPECT_NEAR(*means_of(figures, "lean").time.ratio, 0.5, 1e-12);
}

TEST(SuiteStandings, TheBestSinglePeerIsTheOneThatIsHardestToBeat) {
  const SuiteReport report = example_suite();
  const SuiteFigures figures = figures_of(report);
  EXPECT_EQ(figures.best_peer(&PeerMeans::time)->peer, "quick");
  EXPECT_EQ(figures.best_peer(&PeerMeans::peak)->peer, "lean");
}

TEST(SuiteStandings, ARowPacedByTheClockIsJudgedByItsCpuTime) {
  SuiteReport report = example_suite();
  report.rows[1].row.by_clock = true;
  for (Sample& sample : report.rows[1].samples)
    sample.values[kCpu] = sample.arm == "tamari" ? 1 : 2;
  EXPECT_DOUBLE_EQ(figures_of(report).rows[1].time->ratio.value, 0.5);
}

TEST(SuiteStandings, NothingIsKnownWithoutSamples) {
  SuiteReport report = example_suite();
  for (RowRun& run : report.rows) run.samples.clear();
  const SuiteFigures figures = figures_of(report);
  EXPECT_FALSE(figures.rows[0].time.has_value());
  EXPECT_EQ(figures.best_peer(&PeerMeans::time), nullptr);
}

}  // namespace
}  // namespace tamari::lab
