// See growth_rows.h.
#include "lab/suite/growth_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "lab/command_error.h"
#include "lab/installation.h"
#include "lab/suite/choose_rows.h"

namespace tamari::lab {
namespace {

constexpr char kHeap[] = "heap";  // the dimension whose values are MiB
constexpr std::uint64_t kMibPerGib = 1024;

struct Growing {
  const char* dimension;
  std::vector<std::uint64_t> values;
  std::vector<std::uint64_t> quick;
};

const Growing kGrowing[] = {
    {kHeap, {1, 4, 16, 64, 256, 1024, 4096, 8192}, {1, 32, 1024, 8192}},
    {"threads", {1, 4, 16, 64, 256, 1000}, {1, 32, 1000}},
    {"short_threads", {1, 10, 100, 1000, 10'000}, {1, 100, 10'000}},
    {"classes", {1, 2, 4, 8, 16, 32, 64, 96}, {1, 8, 96}},
};

const Growing& find_growing(const std::string& dimension) {
  const auto found =
      std::find_if(std::begin(kGrowing), std::end(kGrowing),
                   [&](const Growing& growing) { return growing.dimension == dimension; });
  if (found != std::end(kGrowing)) return *found;
  throw CommandError(kHarness, fmt::format("{} has a dimension that this command does not know, "
                                           "'{}': build both from the same sources",
                                           kGrowthName, dimension));
}

std::string label_of(const std::string& dimension, std::uint64_t value) {
  if (dimension != kHeap) return std::to_string(value);
  return value >= kMibPerGib ? fmt::format("{} GiB", value / kMibPerGib)
                             : fmt::format("{} MiB", value);
}

}  // namespace

void add_growth_rows(const SuiteRow& dimension, bool quick, std::uint64_t largest_heap_mib,
                     SuiteReport& report) {
  const Growing& growing = find_growing(dimension.name);
  for (const std::uint64_t value : quick ? growing.quick : growing.values) {
    RowRun run;
    run.row =
        place_in_series(dimension, static_cast<double>(value), label_of(dimension.name, value));
    if (dimension.name == kHeap && value > largest_heap_mib) {
      report.missing_rows.push_back(
          {run.row.name,
           fmt::format("left out: half of the available memory is {} MiB", largest_heap_mib)});
    } else {
      report.rows.push_back(run);
    }
  }
}

}  // namespace tamari::lab
