// bench_growth: what a free and a malloc cost while one thing grows and all else stays. Knows
// nothing of any allocator: preload the one to be measured.
//
// The work is done before the clock starts as well, until the heap has been turned over once. CPU
// time is the whole process's, so what an allocator's own threads do in the timed phase is part of
// it.
#include <chrono>
#include <system_error>
#include <thread>

#include "bench/check.h"
#include "bench/growth/meter.h"
#include "bench/growth/options.h"
#include "bench/malloc_origin.h"
#include "bench/value_line.h"

namespace tamari::bench {
namespace {

void add_figures(const Meter& meter, ValueLine& line) {
  const Usage& usage = meter.usage();
  const double cpu_s = usage.user_s + usage.sys_s;
  const auto ops = static_cast<double>(meter.ops());
  line.add("ops/s", meter.seconds() > 0 ? ops / meter.seconds() : 0, 0);
  line.add("seconds", meter.seconds(), 6);
  line.add("ops", static_cast<std::int64_t>(meter.ops()));
  line.add("ops_per_cpu_s", cpu_s > 0 ? ops / cpu_s : 0, 0);
  line.add("user_s", usage.user_s, 6);
  line.add("sys_s", usage.sys_s, 6);
  if (meter.walk_ns() >= 0) line.add("walk_ns", meter.walk_ns(), 2);
  line.add("rss_peak_kib", meter.memory().peak_kib);
  line.add("rss_end_kib", meter.memory().rss_kib);
  line.add("minor_faults", usage.minor_faults);
  line.add("major_faults", usage.major_faults);
  line.add("voluntary_switches", usage.voluntary_switches);
  line.add("involuntary_switches", usage.involuntary_switches);
  line.add("checksum", static_cast<std::int64_t>(meter.checksum()));
}

Meter measure(const GrowthOptions& options) {
  Meter meter;
  try {
    options.dimension->function(options.growth, meter);
  } catch (const std::system_error&) {
    fail("the system starts a thread");
  }
  require(meter.finished(), "the timed phase has ended");
  return meter;
}

}  // namespace
}  // namespace tamari::bench

int main(int argc, char** argv) {
  using namespace tamari::bench;
  const GrowthOptions options = parse_growth_options(argc, argv);
  set_check_context("bench_growth", options.dimension->name);
  ValueLine line;
  add_figures(measure(options), line);
  std::this_thread::sleep_for(std::chrono::milliseconds(options.settle_ms));
  line.add("rss_settled_kib", read_memory().rss_kib);
  line.print();
  print_malloc_origin();
  return 0;
}
