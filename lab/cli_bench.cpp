// See cli_bench.h.
#include "lab/cli_bench.h"

#include <memory>
#include <optional>

#include "lab/bench_lanes.h"
#include "lab/cli_options.h"
#include "lab/suite/bench_growth.h"
#include "lab/suite/bench_programs.h"
#include "lab/suite/bench_scaling.h"
#include "lab/suite/bench_suite.h"

namespace tamari::lab {
namespace {

constexpr char kStatuses[] =
    "Exit status: 0 done; 1 a sample failed or an arm was refused; 2 wrong arguments or settings;\n"
    "3 tamari could not do its work; 130 interrupted.";

void add_sampling(CLI::App& command, BenchLanesOptions& options) {
  add_number(command, "--runs", options.runs, 1, 10000, "runs of each arm (default 7)");
  add_number(command, "--settle", options.settle_ms, 0, 600000,
             "ms of sleep before settled RSS (default 100)");
  add_number(command, "--seed", options.seed, 0, 1'000'000'000'000,
             "of the order of the arms (default 1)");
  add_number(command, "--timeout", options.timeout_s, 1, 1'000'000,
             "seconds a sample (default 600)");
}

void add_lists(CLI::App& command, BenchLanesOptions& options) {
  command
      .add_option("--lane", options.lanes, "a lane (repeatable, or by commas); default: see --list")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME");
  command
      .add_option("--set", options.contestants.settings, "a setting for tamari's arm; repeatable")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  command.add_flag("--list", options.list, "list the lanes and stop");
}

void add_bench_lanes(CLI::App& bench, int& status) {
  CLI::App* command =
      add_subcommand(bench, "lanes", "compare installed allocators on the lanes", kStatuses);
  auto options = std::make_shared<BenchLanesOptions>();
  add_text(*command, "--peers", options->contestants.peers, "LIST",
           "auto (default), none, or names and NAME=PATH by commas");
  add_lists(*command, *options);
  add_lane_overrides(*command, options->overrides);
  add_number(*command, "--ring", options->overrides.ring, 1, 1 << 24, "pointers that a ring holds");
  command->add_flag("--quick", options->overrides.quick,
                    "3 runs of half the work: about 2 minutes");
  add_sampling(*command, *options);
  command->add_flag("--json", options->json, "print JSON instead of tables");
  add_text(*command, "--html", options->html, "FILE", "also write a self-contained page");
  add_text(*command, "--bench", options->bench, "PATH", "the benchmark, if not beside tamari");
  add_text(*command, "--lib", options->contestants.library, "PATH",
           "the library, if not beside tamari");
  command->callback([options, &status] { status = bench_lanes(*options); });
}

// What every command but `lanes` has in common.
void add_suite_choice(CLI::App& command, SuiteChoice& choice, const char* row) {
  add_repeatable(command, "--only", choice.only, "NAME", row)->delimiter(',');
  command.add_flag("--list", choice.list, "list them and stop");
  command.add_option("--scale", choice.scale, "amount of work (default 1, seconds each)")
      ->check(CLI::Range(0.0001, 1000.0))
      ->type_name("X");
  add_text(command, "--peers", choice.contestants.peers, "LIST",
           "auto (default), none, or names and NAME=PATH by commas");
  add_repeatable(command, "--set", choice.contestants.settings, "KEY=VALUE",
                 "a setting for tamari's arm; repeatable");
  add_text(command, "--lib", choice.contestants.library, "PATH",
           "the library, if not beside tamari");
  add_number(command, "--runs", choice.runs, 1, 10000, "rounds (default 5): samples of each arm");
  add_number(command, "--seed", choice.seed, 0, 1'000'000'000'000,
             "of the order of the arms (default 1)");
  add_number(command, "--timeout", choice.timeout_s, 1, 1'000'000,
             "seconds a sample (default 600)");
  CLI::Option* json = command.add_flag("--json", choice.output.json, "print JSON, not tables");
  command.add_flag("--md", choice.output.markdown, "print Markdown, not tables")->excludes(json);
  add_text(command, "--html", choice.output.html, "FILE", "also write a page, after each round");
  add_text(command, "--save", choice.output.save, "FILE", "also write the JSON, after each round");
}

void add_bench_suite(CLI::App& bench, int& status) {
  CLI::App* command =
      add_subcommand(bench, "suite", "compare installed allocators on the workloads", kStatuses);
  auto options = std::make_shared<SuiteOptions>();
  add_suite_choice(*command, *options, "a workload (repeatable, or by commas); default: all");
  command->add_flag("--quick", options->quick, "3 rounds at scale 0.15: less than 3 minutes");
  command->add_flag("--settle", options->settle, "RSS after 1 s and 10 s too: 10 s more a sample");
  command->add_flag("--latency", options->latency, "time every call: percentiles and histograms");
  add_text(*command, "--bench", options->bench, "PATH", "bench_suite, if not beside tamari");
  command->callback([options, &status] { status = bench_suite(*options); });
}

void add_bench_growth(CLI::App& bench, int& status) {
  CLI::App* command =
      add_subcommand(bench, "growth", "what an operation costs as one dimension grows", kStatuses);
  auto options = std::make_shared<GrowthOptions>();
  add_suite_choice(*command, *options, "a dimension (repeatable, or by commas); default: all");
  command->add_flag("--quick", options->quick, "3 rounds of fewer steps and less work: 4 minutes");
  add_text(*command, "--bench", options->bench, "PATH", "bench_growth, if not beside tamari");
  command->callback([options, &status] { status = bench_growth(*options); });
}

void add_bench_scaling(CLI::App& bench, int& status) {
  CLI::App* command = add_subcommand(bench, "scaling", "the lanes with 1 to 64 threads", kStatuses);
  auto options = std::make_shared<ScalingOptions>();
  add_suite_choice(*command, *options, "a lane (repeatable, or by commas); default: all");
  command->add_flag("--quick", options->quick, "3 rounds at scale 0.25: 3 minutes");
  add_text(*command, "--bench", options->bench, "PATH", "the benchmark, if not beside tamari");
  command->callback([options, &status] { status = bench_scaling(*options); });
}

void add_bench_programs(CLI::App& bench, int& status) {
  CLI::App* command =
      add_subcommand(bench, "programs", "compare installed allocators on real programs", kStatuses);
  auto options = std::make_shared<ProgramsOptions>();
  add_suite_choice(*command, *options, "a program (repeatable, or by commas); default: all");
  command->add_flag("--quick", options->quick, "3 rounds at scale 0.1: some minutes");
  command->add_flag("--install", options->install, "first install the packages that are missing");
  command->callback([options, &status] { status = bench_programs(*options); });
}

}  // namespace

void add_bench(CLI::App& app, int& status) {
  CLI::App* command = add_subcommand(app, "bench", "compare allocators on this machine", kStatuses);
  command->require_subcommand(1);
  add_bench_lanes(*command, status);
  add_bench_suite(*command, status);
  add_bench_programs(*command, status);
  add_bench_growth(*command, status);
  add_bench_scaling(*command, status);
}

}  // namespace tamari::lab
