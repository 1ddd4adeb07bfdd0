// See cli_experiment.h.
#include "lab/cli_experiment.h"

#include <fmt/format.h>

#include <memory>

#include "lab/ab.h"
#include "lab/cli_options.h"
#include "lab/command_error.h"
#include "lab/sweep.h"

namespace tamari::lab {
namespace {

constexpr char kAb[] = "ab";
constexpr char kSweep[] = "sweep";
constexpr char kResume[] = "--resume";

constexpr char kAbStatuses[] =
    "SPEC: key=value,... of tamari, a library's PATH, both by a comma, or an allocator's name.\n"
    "Exit status: 0 every gate held, or none was given; 1 one failed; 2 inconclusive; 3 invalid;\n"
    "4 wrong arguments, or tamari could not do its work; 130 interrupted.";

constexpr char kSweepStatuses[] =
    "Exit status: 0 GO; 1 NO-GO; 2 INCONCLUSIVE; 3 INVALID; 4 a wrong file or wrong arguments, or\n"
    "tamari could not do its work; 130 interrupted.";

void add_report_files(CLI::App& command, ReportFiles& files) {
  command.add_flag("--json", files.json, "print the summary as JSON");
  add_text(command, "--tsv", files.tsv, "FILE", "also write the samples there");
  add_text(command, "--md", files.markdown, "FILE", "also write the report as Markdown there");
  add_text(command, "--html", files.html, "FILE", "also write the page there");
  add_text(command, "--junit", files.junit, "FILE", "also write the gates as JUnit XML there");
}

void add_question(CLI::App& command, AbOptions& options) {
  add_repeatable(command, "--arm", options.arms, "NAME[:SPEC]",
                 "what to compare (repeatable); the first is the base");
  add_repeatable(command, "--lane", options.lanes, "NAME", "run a lane (repeatable)")
      ->delimiter(',');
  add_repeatable(command, "--metric", options.metrics, "NAME=REGEX",
                 "a figure that the program prints, :higher or :lower");
  add_repeatable(command, "--gate", options.gates, "EXPR", "such as 'ops>=+3%' (repeatable)");
  add_text(command, "--check", options.check, "CMD", "must succeed for a sample to count");
}

void add_conduct(CLI::App& command, AbOptions& options) {
  add_text(command, "--runs", options.runs, "N|auto", "samples of each arm (default auto)");
  add_text(command, "--order", options.order, "ORDER", "latin (default) or abba");
  add_number(command, "--seed", options.seed, 0, 1'000'000'000'000, "of the order (default 1)");
  add_text(command, "--pin", options.pin, "CPUS", "as taskset -c takes them");
  add_number(command, "--timeout", options.timeout_s, 1, 1'000'000,
             "seconds a sample (default 600)");
  add_number(command, "--settle", options.settle_ms, 0, 600'000,
             "ms before settled RSS (default 100)");
  add_text(command, "--lib", options.library, "PATH", "the library, if not beside tamari");
}

// A resumed experiment has its plan already: whatever would change it is refused. What was declared
// before --resume is the plan, what comes after it is the reports.
void refuse_changes(const CLI::App& command, const std::string& resume) {
  if (resume.empty()) return;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_name() == kResume) return;
    if (option->count() == 0) continue;
    throw CommandError(kHarness, fmt::format("{} {} takes the plan from that folder: leave out {}",
                                             kResume, resume, option->get_name()));
  }
}

void add_folders(CLI::App& command, std::string& out, std::string& resume) {
  add_text(command, "--out", out, "DIR", "a new folder for all that is kept");
  add_text(command, kResume, resume, "DIR", "go on with an experiment");
}

void add_shards(CLI::App& command, SweepOptions& options) {
  add_text(command, "--shard", options.shard, "K/N", "run the K-th of N parts of the blocks");
  command.add_option("--merge", options.merge, "join shards into one result, in --out")
      ->type_name("DIR...");
  add_text(command, "--emit", options.emit, "WHAT",
           "print a job file for slurm, parallel or k8s, and stop");
  add_number(command, "--shards", options.shards, 1, 10000, "with --emit: how many");
}

}  // namespace

bool is_experiment_command(const std::string& name) { return name == kAb || name == kSweep; }

void add_ab(CLI::App& app, int& status) {
  CLI::App* command = add_subcommand(
      app, kAb, "compare arms on a program: tamari ab [OPTIONS] -- PROGRAM ARGS", kAbStatuses);
  auto options = std::make_shared<AbOptions>();
  add_question(*command, *options);
  add_lane_overrides(*command, options->overrides);
  add_conduct(*command, *options);
  command->add_option("PROGRAM", options->command, "after --, with its arguments")->type_name("");
  add_folders(*command, options->out, options->resume);
  add_report_files(*command, options->files);
  command->callback([options, command, &status] {
    refuse_changes(*command, options->resume);
    status = ab(*options);
  });
}

void add_sweep(CLI::App& app, int& status) {
  CLI::App* command = add_subcommand(
      app, kSweep, "run the experiment that a file describes: tamari sweep FILE", kSweepStatuses);
  auto options = std::make_shared<SweepOptions>();
  command->add_option("FILE", options->file, "the experiment, as TOML")->type_name("");
  command->add_flag("--check", options->check, "validate it, say how long it takes, and stop");
  command->add_flag("--no-measure", options->no_measure,
                    "with --check: guess the time, run nothing");
  add_text(*command, "--lib", options->library, "PATH", "the library, if not beside tamari");
  add_shards(*command, *options);
  add_folders(*command, options->out, options->resume);
  add_report_files(*command, options->files);
  command->callback([options, command, &status] {
    refuse_changes(*command, options->resume);
    status = sweep(*options);
  });
}

}  // namespace tamari::lab
