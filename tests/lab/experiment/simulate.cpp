// Whole sweeps of simulated samples, put before the judge that judges real ones. Prints and checks
// what the experiment claims of itself; ends with 1 if a claim does not hold.
//   experiment_simulation          a reduced form, for every test run
//   experiment_simulation --full   the figures of docs/method.md
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <string_view>

#include "simulation.h"

namespace tamari::lab {
namespace {

constexpr Sizes kReduced = {2000, 200, 120, 1000};
constexpr Sizes kFull = {10000, 600, 600, 10000};
constexpr double kCoverageLeast = 0.93;
constexpr double kCoverageMost = 0.97;
constexpr double kSigmas = 3;  // of chance

bool failed = false;

bool covers(const Interval& interval, double truth) {
  return interval.low <= truth && truth <= interval.high;
}

bool is_claimed(const Share& coverage) {
  return coverage.at_least(kCoverageLeast) && coverage.at_most(kCoverageMost);
}

}  // namespace

double Share::error() const {
  return std::sqrt(value() * (1 - value()) / static_cast<double>(tries));
}

std::string Share::words() const {
  return fmt::format("{:.2f} % of {} (+- {:.2f})", 100 * value(), tries, 100 * error());
}

Share& Share::operator+=(const Share& other) {
  hits += other.hits;
  tries += other.tries;
  return *this;
}

bool Share::at_least(double limit) const { return value() + kSigmas * error() >= limit; }
bool Share::at_most(double limit) const { return value() - kSigmas * error() <= limit; }

void Coverage::count(const Estimate& found, double truth) {
  exact.count(covers(found.interval, truth));
  exact_width += found.interval.high - found.interval.low;
  if (!found.bootstrap) return;
  bootstrap.count(covers(*found.bootstrap, truth));
  bootstrap_width += found.bootstrap->high - found.bootstrap->low;
}

Coverage& Coverage::operator+=(const Coverage& other) {
  exact += other.exact;
  bootstrap += other.bootstrap;
  exact_width += other.exact_width;
  bootstrap_width += other.bootstrap_width;
  return *this;
}

void claim(bool holds, const std::string& words) {
  fmt::print("{}  {}\n", holds ? "holds" : "FAILS", words);
  std::fflush(stdout);
  failed = failed || !holds;
}

void claim_coverage(const Coverage& coverage, const std::string& where) {
  const auto width = [&](double sum) {
    return 100 * sum / static_cast<double>(coverage.exact.tries);
  };
  claim(is_claimed(coverage.exact) && is_claimed(coverage.bootstrap),
        fmt::format("{}: signed-rank interval covers in {}, bootstrap in {}; widths {:.1f} % and "
                    "{:.1f} %",
                    where, coverage.exact.words(), coverage.bootstrap.words(),
                    width(coverage.exact_width), width(coverage.bootstrap_width)));
}

void note(const std::string& words) { fmt::print("       {}\n", words); }

bool all_claims_hold() { return !failed; }

}  // namespace tamari::lab

int main(int argc, char** argv) {
  using namespace tamari::lab;
  const bool full = argc == 2 && std::string_view(argv[1]) == "--full";
  if (argc > 1 && !full) {
    fmt::print(stderr, "usage: {} [--full]\n", argv[0]);
    return 2;
  }
  const Sizes& sizes = full ? kFull : kReduced;
  simulate_estimates(sizes);
  simulate_sweeps(sizes);
  return all_claims_hold() ? 0 : 1;
}
