// bench_suite: one workload in a process of its own. Knows nothing of any allocator: preload the
// one to be measured.
//
// --latency runs bench_suite_latency, which lies beside this program and is the same but for its
// allocator calls: a test in each of them would cost every other figure a branch a call.
#include <libgen.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>

#include "bench/check.h"
#include "bench/command_words.h"
#include "bench/malloc_origin.h"
#include "bench/suite/latency.h"
#include "bench/suite/options.h"
#include "bench/suite/resident_sampler.h"
#include "bench/suite/run.h"
#include "bench/value_line.h"

namespace tamari::bench {
namespace {

constexpr char kLatencyProgram[] = "bench_suite_latency";

void become_latency_program(char** argv) {
  char self[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) fail("/proc/self/exe can be read");
  self[length] = '\0';
  char path[PATH_MAX + sizeof kLatencyProgram + 1];
  std::snprintf(path, sizeof path, "%s/%s", dirname(self), kLatencyProgram);
  execv(path, argv);
  std::fprintf(stderr, "bench_suite: --latency: cannot run %s: %m; build or install it\n", path);
  std::exit(kUsageStatus);
}

void add_figures(const Figures& figures, ValueLine& line) {
  const double cpu_s = figures.usage.user_s + figures.usage.sys_s;
  const auto ops = static_cast<double>(figures.ops);
  line.add("ops/s", figures.seconds > 0 ? ops / figures.seconds : 0, 0);
  line.add("seconds", figures.seconds, 6);
  line.add("ops", static_cast<std::int64_t>(figures.ops));
  line.add("ops_per_cpu_s", cpu_s > 0 ? ops / cpu_s : 0, 0);
  line.add("user_s", figures.usage.user_s, 6);
  line.add("sys_s", figures.usage.sys_s, 6);
  line.add("rss_start_kib", figures.rss_start_kib);
  line.add("rss_peak_kib", figures.rss_peak_kib);
  line.add("rss_end_kib", figures.rss_end_kib);
  line.add("rss_settled_kib", figures.rss_settled_kib);
  if (figures.rss_10s_kib != kUnknown) {
    line.add("rss_100ms_kib", figures.rss_100ms_kib);
    line.add("rss_1s_kib", figures.rss_1s_kib);
    line.add("rss_10s_kib", figures.rss_10s_kib);
  }
  line.add("rss_mib_seconds", figures.rss_mib_seconds, 3);
  line.add("minor_faults", figures.usage.minor_faults);
  line.add("major_faults", figures.usage.major_faults);
  line.add("vmas", figures.vmas);
  line.add("voluntary_switches", figures.usage.voluntary_switches);
  line.add("involuntary_switches", figures.usage.involuntary_switches);
  // A reader that takes numbers for doubles must not lose digits.
  line.add("checksum", static_cast<std::int64_t>(figures.checksum & ((1ULL << 53) - 1)));
}

void add_latency(const char* name, CallKind kind, ValueLine& line) {
  const LatencyFigures figures = latency_figures(kind);
  const auto add = [&](const char* what, double value) {
    char key[64];
    std::snprintf(key, sizeof key, "%s_%s", name, what);
    line.add(key, value, 0);
  };
  add("calls", static_cast<double>(figures.calls));
  add("p50_ns", figures.p50);
  add("p99_ns", figures.p99);
  add("p99.9_ns", figures.p999);
  add("p99.99_ns", figures.p9999);
  add("max_ns", figures.max);
  for (std::size_t i = 0; i < figures.doublings.size(); ++i) {
    if (figures.doublings[i] == 0) continue;
    char what[32];
    std::snprintf(what, sizeof what, "below_%lluns", 1ULL << i);
    add(what, static_cast<double>(figures.doublings[i]));
  }
}

Figures measure(const Options& options) {
  ResidentSampler sampler;
  if (latency_recorded()) start_latency();
  Run run(options, sampler);
  options.workload->function(run);
  require(run.finished(), "the workload has finished its timed phase");
  if (latency_recorded()) stop_latency();
  return run.figures();
}

}  // namespace
}  // namespace tamari::bench

int main(int argc, char** argv) {
  using namespace tamari::bench;
  const Options options = parse_options(argc, argv);
  if (options.latency && !latency_recorded()) become_latency_program(argv);
  set_check_context("bench_suite", options.workload->name);
  ValueLine line;
  add_figures(measure(options), line);
  if (latency_recorded()) {
    add_latency("malloc", CallKind::kAllocate, line);
    add_latency("free", CallKind::kRelease, line);
    line.add("clock_ns", clock_overhead_ns(), 1);
  }
  line.print();
  print_malloc_origin();
  return 0;
}
