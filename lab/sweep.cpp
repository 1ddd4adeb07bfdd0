// See sweep.h.
#include "lab/sweep.h"

#include <fmt/format.h>

#include "lab/child.h"
#include "lab/command_error.h"
#include "lab/environment.h"
#include "lab/experiment/forecast.h"
#include "lab/experiment/plan_file.h"
#include "lab/experiment/report_terminal.h"
#include "lab/installation.h"

namespace tamari::lab {
namespace {

Plan read_plan(const SweepOptions& options) {
  if (options.file.empty()) {
    throw CommandError(kHarness, "sweep needs an experiment: a FILE, or --resume DIR");
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

}  // namespace

int sweep(const SweepOptions& options) {
  if (!options.resume.empty()) return resume(options.resume, {}, options.files, conclude_line);
  const Plan plan = read_plan(options);
  if (options.check) return check(plan, !options.no_measure);
  return carry_out(plan, new_folder(options.out, "tamari-sweep", "tamari sweep"), {}, options.files,
                   conclude_line);
}

}  // namespace tamari::lab
