// See cpu_list.h.
#include "lab/cpu_list.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "lab/command_error.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

struct Range {
  unsigned first = 0;
  unsigned last = 0;
  unsigned step = 1;
};

std::optional<unsigned> parse_number(std::string_view word) {
  unsigned value = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value >= CPU_SETSIZE) return std::nullopt;
  return value;
}

// FIRST, FIRST-LAST or FIRST-LAST:STEP.
std::optional<Range> parse_range(std::string_view word) {
  const std::size_t colon = word.find(':');
  const std::size_t dash = word.find('-');
  if (colon != std::string_view::npos && (dash == std::string_view::npos || colon < dash)) {
    return std::nullopt;
  }
  const auto step = colon == std::string_view::npos ? 1U : parse_number(word.substr(colon + 1));
  const std::string_view ends = word.substr(0, colon);
  const auto first = parse_number(ends.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(ends.substr(dash + 1));
  if (!first || !last || !step || *last < *first || *step == 0) return std::nullopt;
  return Range{*first, *last, *step};
}

}  // namespace

cpu_set_t allowed_cpu_set() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) {
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    for (long cpu = 0; cpu < online; ++cpu) CPU_SET(static_cast<std::size_t>(cpu), &cpus);
  }
  return cpus;
}

cpu_set_t parse_cpu_list(const std::string& text) {
  const cpu_set_t allowed = allowed_cpu_set();
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const std::string& word : split(text, ',')) {
    const auto range = parse_range(trim(word));
    if (!range) {
      throw CommandError(
          kHarness,
          fmt::format("pin '{}': '{}' is no CPU list; write 0,2-5 or 0-14:2", text, word));
    }
    for (unsigned cpu = range->first; cpu <= range->last; cpu += range->step) {
      if (!CPU_ISSET(cpu, &allowed)) {
        throw CommandError(kHarness, fmt::format("pin '{}': this process may not use CPU {}; it "
                                                 "may use {}",
                                                 text, cpu, format_cpu_list(allowed)));
      }
      CPU_SET(cpu, &cpus);
    }
  }
  return cpus;
}

std::string format_cpu_list(const cpu_set_t& cpus) {
  std::vector<std::string> ranges;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &cpus)) continue;
    const unsigned first = cpu;
    while (cpu + 1 < CPU_SETSIZE && CPU_ISSET(cpu + 1, &cpus)) ++cpu;
    ranges.push_back(first == cpu ? std::to_string(cpu) : fmt::format("{}-{}", first, cpu));
  }
  return join(ranges, ",");
}

}  // namespace tamari::lab
