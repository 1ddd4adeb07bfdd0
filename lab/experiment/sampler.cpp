// See sampler.h. The first thing that is wrong with a sample is its failure.
#include "lab/experiment/sampler.h"

#include <fmt/format.h>

#include <fstream>
#include <string_view>

#include "lab/cpu_list.h"
#include "lab/experiment/printed_metrics.h"
#include "lab/preload.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr std::size_t kQuotedOutput = 80;

void fail(SampleRecord& record, const std::string& reason) {
  if (record.good()) record.failure = reason;
}

void add_usage(const ChildResult& child, SampleRecord& record) {
  if (!child.usage) return;
  const Usage& usage = *child.usage;
  record.metrics = {{"wall_s", child.wall_s},
                    {"user_s", usage.user_s},
                    {"system_s", usage.system_s},
                    {"cpu_s", usage.user_s + usage.system_s},
                    {"rss_peak_kib", usage.peak_kib},
                    {"minor_faults", usage.minor_faults},
                    {"major_faults", usage.major_faults},
                    {"context_switches", usage.context_switches}};
}

// What the program says of itself takes the place of what was seen from outside.
void add_printed(const Plan& plan, const ReadyWorkload& workload, const ChildResult& child,
                 SampleRecord& record) {
  std::map<std::string, double> printed;
  if (workload.is_lane) {
    if (auto values = lane_metrics(child.out)) {
      printed = std::move(*values);
    } else {
      fail(record, "no ops/s= in its output: " + trim(child.out.substr(0, kQuotedOutput)));
    }
    if (const auto failed = printed.find("failed_allocs");
        failed != printed.end() && failed->second > 0) {
      fail(record, fmt::format("{} allocations failed", failed->second));
    }
  }
  auto metrics = regex_metrics(plan.metrics, child.out, child.err);
  metrics.merge(printed);
  metrics.merge(record.metrics);
  record.metrics = std::move(metrics);
}

// The loader names each library before it starts it.
bool loader_log_names(const std::string& log, const FileIdentity& library) {
  constexpr std::string_view kStarts = "calling init: ";
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(kStarts);
    if (at != std::string::npos && identify(line.substr(at + kStarts.size())) == library) {
      return true;
    }
  }
  return false;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

Sampler::Sampler(const Plan& plan, const Machine& machine, Spawner& spawner,
                 StatisticsFolder& statistics)
    : plan_(plan), machine_(machine), spawner_(spawner), statistics_(statistics) {
  if (plan.pin.empty()) return;
  cpus_ = parse_cpu_list(plan.pin);
  machine_.cpu_list = format_cpu_list(*cpus_);
}

SampleRecord Sampler::describe(const ReadyArm& arm, const ReadyWorkload& workload) {
  refresh(machine_);
  SampleRecord record;
  record.arm = arm.name;
  record.workload = workload.name;
  record.started = utc_now();
  record.library = arm.library;
  record.program = workload.program;
  record.settings = arm.settings;
  record.kernel = machine_.kernel;
  record.cpu_model = machine_.cpu_model;
  record.cpu_set = machine_.cpu_list;
  record.load_average = machine_.load_average;
  record.governor = machine_.governor;
  record.huge_pages = machine_.huge_pages;
  return record;
}

ChildRequest Sampler::request(const ReadyArm& arm, const ReadyWorkload& workload) {
  ChildRequest request;
  request.argv = workload.argv;
  request.environment = arm.environment({statistics_.begin()});
  request.timeout_s = plan_.timeout_s;
  request.must_map = arm.arm.identity;
  request.cpus = cpus_;
  request.spawner = &spawner_;
  return request;
}

// A program that ends within a millisecond may be gone before anyone can look. Once for each arm
// and workload another run, of which nothing is measured, then lets the loader say what it loads.
bool Sampler::is_mapped(const ReadyArm& arm, const ReadyWorkload& workload,
                        const ChildResult& child) {
  if (child.mapped || child.interrupted) return child.mapped;
  const auto [proof, is_new] = proved_.try_emplace({arm.name, workload.name}, false);
  if (is_new) {
    ChildRequest again = request(arm, workload);
    again.environment.push_back({"LD_DEBUG", "files"});
    again.environment.push_back({"LD_DEBUG_OUTPUT", statistics_.file("loader")});
    const ChildResult result = run_child(again);
    const auto log = statistics_.file(fmt::format("loader.{}", result.pid));
    proof->second = result.mapped || loader_log_names(log, arm.arm.identity);
    statistics_.take(result.pid);
  }
  return proof->second;
}

void Sampler::add_statistics(const ReadyArm& arm, std::optional<ExitStatistics> statistics,
                             SampleRecord& record) {
  if (!record.owns_malloc) {
    fail(record, fmt::format("its process never mapped {}: the program drops the preload",
                             arm.library.path));
  }
  if (!arm.is_tamari) return;
  if (!statistics) {
    fail(record,
         "the program left no statistics of tamari's: it must end by exit() or by returning "
         "from main, with LD_PRELOAD and TAMARI_CONF as they were");
    return;
  }
  record.effective = std::move(statistics->effective);
  record.counters = std::move(statistics->counters);
  fail(record, settings_problem(arm.settings, record.effective));
}

// Empty if it passes.
std::string Sampler::check(const ReadyWorkload& workload, const ChildResult& child) {
  const std::string out = statistics_.file("out");
  const std::string err = statistics_.file("err");
  write(out, child.out);
  write(err, child.err);
  ChildRequest request;
  request.argv = {"/bin/sh", "-c", workload.check};
  request.environment = {{kPreloadVariable, std::nullopt},
                         {kSettingsVariable, std::nullopt},
                         {"TAMARI_SAMPLE_OUT", out},
                         {"TAMARI_SAMPLE_ERR", err}};
  request.timeout_s = plan_.timeout_s;
  request.spawner = &spawner_;
  const std::string failure = run_child(request).failure();
  return failure.empty() ? "" : fmt::format("check '{}': {}", workload.check, failure);
}

std::optional<Sampler::Taken> Sampler::take(const ReadyArm& arm, const ReadyWorkload& workload) {
  SampleRecord record = describe(arm, workload);
  const ChildResult child = run_child(request(arm, workload));
  auto statistics = statistics_.take(child.pid);
  record.exit_status = child.exit_status();
  record.failure = child.failure();
  record.owns_malloc = (statistics && statistics->of_child) || is_mapped(arm, workload, child);
  add_usage(child, record);
  add_statistics(arm, std::move(statistics), record);
  if (record.good()) add_printed(plan_, workload, child, record);
  if (record.good() && !workload.check.empty()) fail(record, check(workload, child));
  if (child.interrupted || interrupted()) return std::nullopt;
  return Taken{std::move(record), child.err};
}

}  // namespace tamari::lab
