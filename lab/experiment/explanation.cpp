// See explanation.h.
#include "lab/experiment/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lab/experiment/wording.h"

namespace tamari::lab {
namespace {

// counter -> arm -> its values in good samples
using CounterValues = std::map<std::string, std::map<std::string, std::vector<double>>>;

CounterValues collect(const Report& report, const View& view) {
  CounterValues values;
  for (const SampleRecord* record : records_of(report, view)) {
    if (!record->good()) continue;
    for (const auto& [counter, value] : record->counters) {
      values[counter][record->arm].push_back(value);
    }
  }
  return values;
}

// A change that also counts from and to zero.
double distance(double base, double value) { return std::abs(std::log((value + 1) / (base + 1))); }

double clarity(const Plan& plan, const CounterMove& move) {
  constexpr double kFloor = 0.01;  // a counter that never varies is no clearer than this
  double largest = 0;
  double own = kFloor;
  for (const auto& [arm, value] : move.medians) {
    double& slot = is_again(plan, arm) ? own : largest;
    slot = std::max(slot, distance(move.base, value));
  }
  return largest / own;
}

}  // namespace

std::vector<CounterMove> telling_counters(const Report& report, const View& view,
                                          std::size_t most) {
  constexpr double kTelling = 2;  // moves smaller than this many of the A/A arm's say nothing
  const Plan& plan = report.experiment.plan;
  std::vector<CounterMove> moves;
  for (const auto& [counter, arms] : collect(report, view)) {
    const auto base = arms.find(base_name(plan));
    if (base == arms.end()) continue;
    CounterMove move{counter, median(base->second).value(), {}, 0};
    for (const auto& [arm, values] : arms) {
      if (arm != base->first) move.medians[arm] = median(values).value();
    }
    move.clarity = clarity(plan, move);
    if (move.clarity >= kTelling) moves.push_back(move);
  }
  std::stable_sort(moves.begin(), moves.end(), [](const CounterMove& a, const CounterMove& b) {
    return a.clarity > b.clarity;
  });
  if (moves.size() > most) moves.resize(most);
  return moves;
}

std::string move_words(double base, std::optional<double> value) {
  if (!value) return "-";
  if (base > 0 && *value > 0) return percent(std::log(*value / base));
  return base == *value ? "0.0%" : fmt::format("{} to {}", count_words(base), count_words(*value));
}

}  // namespace tamari::lab
