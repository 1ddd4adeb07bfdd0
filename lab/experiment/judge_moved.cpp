// See judge_moved.h.
#include "lab/experiment/judge_moved.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "lab/experiment/judge_permutation.h"

namespace tamari::lab {
namespace {

// Error allowed to one variant over all workloads and counters, for each of the two questions.
constexpr double kShiftAlpha = 0.02;
constexpr double kRangeAlpha = 0.01;
// With few blocks some choices tie with the observed one: a counter of two values can always be
// told apart in one way.
constexpr double kTies = 3;
// A counter of a dead knob can differ a little for good: the longer environment alone moves blocks.
constexpr double kLeastChange = 0.01;
// Share of the A/A differences that a shift must exceed.
constexpr double kOutdone = 0.9;

bool is_time(const std::string& name) { return name.ends_with("_ns") || name.ends_with("_ms"); }

// Zero must have a place, and a change of a large count is a matter of its share.
double level(double count) { return std::log1p(count); }

// None if a sample does not have it, or it is no count.
std::optional<double> mean_level(const Samples& samples, const std::string& counter) {
  double sum = 0;
  for (const SampleRecord* sample : samples) {
    const auto found = sample->counters.find(counter);
    if (found == sample->counters.end() || !(found->second >= 0)) return std::nullopt;
    sum += level(found->second);
  }
  return sum / static_cast<double>(samples.size());
}

// Appends arm - base of each pair; false if the counter is missing anywhere.
bool append_differences(const std::vector<Pair>& pairs, const std::string& counter,
                        std::vector<double>& differences) {
  for (const Pair& pair : pairs) {
    const auto base = mean_level(*pair.base, counter);
    const auto arm = mean_level(*pair.arm, counter);
    if (!base || !arm) return false;
    differences.push_back(*arm - *base);
  }
  return true;
}

// One counter on one workload: the variant's differences to the base, then the A/A arm's.
struct CounterRow {
  std::string name;
  std::vector<double> differences;
  double separation = 0;
};

// Every counter that all samples have and that is not a time.
std::vector<CounterRow> counter_rows(const std::vector<Pair>& variant,
                                     const std::vector<Pair>& again) {
  std::vector<CounterRow> rows;
  for (const auto& entry : variant.front().base->front()->counters) {
    CounterRow row{entry.first, {}, 0};
    if (is_time(row.name)) continue;
    if (append_differences(variant, row.name, row.differences) &&
        append_differences(again, row.name, row.differences)) {
      rows.push_back(row);
    }
  }
  return rows;
}

// Far enough: by at least a per cent, and by more than nine in ten of the A/A differences.
bool stands_out(const CounterRow& row, std::size_t variant_blocks) {
  const auto middle = row.differences.begin() + static_cast<std::ptrdiff_t>(variant_blocks);
  const double change = std::abs(*median({row.differences.begin(), middle}));
  const auto outdone = std::count_if(middle, row.differences.end(),
                                     [&](double noise) { return std::abs(noise) < change; });
  const auto again_blocks = static_cast<double>(row.differences.end() - middle);
  return change >= std::log1p(kLeastChange) &&
         static_cast<double>(outdone) >= kOutdone * again_blocks;
}

// The chance that the `beyond` most extreme of all groups are the variant's, if all are alike.
double chance_of_extremes(std::size_t beyond, std::size_t variant, std::size_t all) {
  double chance = 1;
  for (std::size_t i = 0; i < beyond; ++i) {
    chance *= static_cast<double>(variant - i) / static_cast<double>(all - i);
  }
  return chance;
}

// Two-sided, of one counter. A group is beyond by its most extreme sample: samples that stand next
// to each other are alike, so the base's, which stand apart, reach further by chance.
double range_p(const std::vector<Pair>& variant, const std::string& counter, const Extent& extent) {
  const double margin = std::log1p(kLeastChange);
  std::size_t above = 0;
  std::size_t below = 0;
  for (const Pair& pair : variant) {
    Extent own{std::numeric_limits<double>::max(), 0, 1};
    for (const SampleRecord* sample : *pair.arm) {
      own.low = std::min(own.low, sample->counters.at(counter));
      own.high = std::max(own.high, sample->counters.at(counter));
    }
    above += level(own.high) >= level(extent.high) + margin;
    below += level(own.low) <= level(extent.low) - margin;
  }
  const std::size_t all = variant.size() + extent.groups;
  return std::min(1.0, 2 * chance_of_extremes(std::max(above, below), variant.size(), all));
}

std::vector<bool> shifted(std::vector<CounterRow>& rows, std::size_t variant, std::size_t again,
                          std::size_t workloads) {
  const Permutations permutations(variant, again);
  std::vector<std::vector<double>> values;
  for (CounterRow& row : rows) {
    row.separation = permutations.separation(row.differences);
    values.push_back(row.differences);
  }
  const std::vector<double> p = permutations.adjusted_p(values);
  const double share = kShiftAlpha / static_cast<double>(workloads);
  const double alpha = std::min(kShiftAlpha, std::max(share, kTies * permutations.least_p()));
  std::vector<bool> result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    result.push_back(p[i] <= alpha && stands_out(rows[i], variant));
  }
  return result;
}

void widen(const Samples& samples, Reference& reference) {
  for (const auto& [name, first] : samples.front()->counters) {
    Extent& extent = reference.try_emplace(name, Extent{first, first, 0}).first->second;
    for (const SampleRecord* sample : samples) {
      const auto found = sample->counters.find(name);
      if (found == sample->counters.end()) continue;
      extent.low = std::min(extent.low, found->second);
      extent.high = std::max(extent.high, found->second);
    }
    ++extent.groups;
  }
}

bool is_usable(const Samples& samples) {
  return !samples.empty() && have_counters(samples) &&
         std::all_of(samples.begin(), samples.end(),
                     [](const SampleRecord* sample) { return sample->good(); });
}

}  // namespace

bool have_counters(const Samples& samples) {
  return std::none_of(samples.begin(), samples.end(),
                      [](const SampleRecord* sample) { return sample->counters.empty(); });
}

Reference reference_of(const RecordIndex& index, std::size_t last, std::size_t workload) {
  Reference reference;
  const auto again = again_of(index.plan());
  for (std::size_t stage = 0; stage <= last; ++stage) {
    for (const SampleGroup& group : index.groups(stage, workload)) {
      if (is_usable(group.arms.front())) widen(group.arms.front(), reference);
      if (again && is_usable(group.arms[*again])) widen(group.arms[*again], reference);
    }
  }
  return reference;
}

CounterChanges moved_counters(const std::vector<Pair>& variant, const std::vector<Pair>& again,
                              const Reference& reference, std::size_t workloads) {
  std::vector<CounterRow> rows = counter_rows(variant, again);
  const std::vector<bool> by_shift = shifted(rows, variant.size(), again.size(), workloads);
  const double range_alpha = kRangeAlpha / static_cast<double>(workloads * rows.size());
  std::vector<CounterRow> moved;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool by_range = range_p(variant, rows[i].name, reference.at(rows[i].name)) <= range_alpha;
    if (by_shift[i] || by_range) moved.push_back(rows[i]);
  }
  std::stable_sort(moved.begin(), moved.end(), [](const CounterRow& a, const CounterRow& b) {
    return a.separation > b.separation;
  });
  CounterChanges changes{rows.size(), {}};
  for (const CounterRow& row : moved) changes.moved.push_back(row.name);
  return changes;
}

}  // namespace tamari::lab
