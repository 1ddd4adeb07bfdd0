// See sweep.h.
#include "lab/sweep.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "lab/child.h"
#include "lab/command_error.h"
#include "lab/environment.h"
#include "lab/experiment/forecast.h"
#include "lab/experiment/job_file.h"
#include "lab/experiment/merge.h"
#include "lab/experiment/plan_file.h"
#include "lab/experiment/report_terminal.h"
#include "lab/installation.h"

namespace tamari::lab {
namespace {

template <typename... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> text, Parts&&... parts) {
  throw CommandError(kHarness, fmt::format(text, std::forward<Parts>(parts)...));
}

Plan read_plan(const SweepOptions& options) {
  if (options.file.empty()) {
    refuse("sweep needs an experiment: a FILE, or --resume DIR");
  }
  Plan plan = read_plan_file(options.file, allowed_cpus());
  if (options.library.empty()) return plan;
  const std::string library = find_library(options.library).value();
  for (ArmSpec& arm : plan.arms) {
    if (arm.library.empty()) arm.library = library;
  }
  return plan;
}

int check(const Plan& plan, bool measure) {
  catch_interrupts();
  const auto seconds = measure ? measured_seconds(plan) : guessed_seconds(plan, allowed_cpus());
  fmt::print("{}{}{}\n", announcement(plan), forecast_words(plan, seconds),
             measure ? "Times are those of one sample of the base on each workload."
                     : "Times are guessed; without --no-measure a sample of each workload is run.");
  return kEveryGateHeld;
}

std::string folder_for(const SweepOptions& options) {
  return new_folder(options.out, "tamari-sweep", "tamari sweep");
}

int merge(const SweepOptions& options) {
  if (!options.file.empty() || !options.shard.empty() || !options.emit.empty() || options.check) {
    refuse("--merge takes folders of shards, and beside them only --out and the reports");
  }
  require_writable(options.files);
  const std::string folder = folder_for(options);
  merge_shards(options.merge, folder);
  fmt::print(options.files.json ? stderr : stdout, "joined {} shards: {}\n", options.merge.size(),
             folder);
  return judge_folder(folder, options.files, conclude_line);
}

// Of a shard, so that the same command goes on with it.
int run_shard(const SweepOptions& options, const Plan& plan) {
  const Shard shard = parse_shard(options.shard);
  check_shard(plan, shard);
  if (options.out.empty()) refuse("--shard {} needs --out DIR, a folder of its own", options.shard);
  return carry_out_shard(plan, options.out, shard, options.files);
}

int emit(const SweepOptions& options, const Plan& plan) {
  if (options.shards == 0) refuse("--emit {} needs --shards N", options.emit);
  if (!options.shard.empty()) refuse("--emit writes the commands of all shards: leave out --shard");
  check_shard(plan, {1, options.shards});
  const auto absolute = [](const std::string& path) {
    return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
  };
  const JobRequest request{self_path(),
                           absolute(options.file),
                           absolute(options.library),
                           absolute(folder_for(options)),
                           std::filesystem::current_path().string(),
                           options.shards};
  fmt::print("{}", job_file(options.emit, request, plan));
  return kEveryGateHeld;
}

}  // namespace

int sweep(const SweepOptions& options) {
  if (!options.resume.empty()) return resume(options.resume, options.files, conclude_line);
  if (!options.merge.empty()) return merge(options);
  const Plan plan = read_plan(options);
  if (options.check) return check(plan, !options.no_measure);
  if (!options.emit.empty()) return emit(options, plan);
  if (options.shards != 0) refuse("--shards goes with --emit; to run one of them give --shard K/N");
  if (!options.shard.empty()) return run_shard(options, plan);
  return carry_out(plan, folder_for(options), options.files, conclude_line);
}

}  // namespace tamari::lab
