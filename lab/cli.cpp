// See cli.h. A subcommand is one function that declares its options and sets its callback.
#include "lab/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "lab/bench_lanes.h"
#include "lab/command_error.h"
#include "lab/run.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kStatuses[] =
    "Exit status: 0 done; 1 a sample failed or an arm was refused; 2 wrong arguments or settings;\n"
    "3 tamari could not do its work; 126 the program cannot be run preloaded; 127 it was not "
    "found;\n"
    "130 interrupted. `tamari run` ends with the status of the program that it became.";

CLI::App* add_command(CLI::App& parent, const char* name, const char* description) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->footer(kStatuses);
  return command;
}

std::string check_number(const std::string& word, std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, value);
  const bool good = read.ec == std::errc() && read.ptr == end && value >= low && value <= high;
  return good ? "" : fmt::format("'{}' must be a whole number from {} to {}", word, low, high);
}

// A whole number within bounds, shown as N in the help.
template <typename Number>
void add_number(CLI::App& command, const char* name, Number& target, std::uint64_t low,
                std::uint64_t high, const char* description) {
  command.add_option(name, target, description)
      ->check([low, high](const std::string& word) { return check_number(word, low, high); })
      ->type_name("N");
}

void add_text(CLI::App& command, const char* name, std::string& target, const char* type,
              const char* description) {
  command.add_option(name, target, description)->type_name(type);
}

void add_library_options(CLI::App& command, RunOptions& options) {
  command.add_option("--set", options.settings, "a setting of the library; repeatable")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  add_text(command, "--lib", options.library, "PATH", "the library, if not beside tamari");
}

// Every option name of a command, for suggestions.
std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

[[noreturn]] void refuse_word(const CLI::App& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  throw CommandError(kUsage, command.get_name() + ": unknown word '" + word + "'" +
                                 suggestion(name, option_names(command)) + " (see --help)");
}

void add_run(CLI::App& app) {
  CLI::App* command =
      add_command(app, "run", "run a program: tamari run [OPTIONS] -- PROGRAM ARGS");
  auto options = std::make_shared<RunOptions>();
  add_library_options(*command, *options);
  command->add_option("PROGRAM", options->command, "after --, with its arguments")
      ->required()
      ->type_name("");
  command->callback([options] { run_program(*options); });
}

void add_env(CLI::App& app) {
  CLI::App* command = add_command(app, "env", "print the variables that `run` would set");
  auto options = std::make_shared<RunOptions>();
  add_library_options(*command, *options);
  command->callback([options] { print_env(*options); });
}

void add_options(CLI::App& app) {
  CLI::App* command = add_command(app, "options", "print the library's settings");
  auto options = std::make_shared<RunOptions>();
  add_text(*command, "--lib", options->library, "PATH", "the library, if not beside tamari");
  command->callback([options] { print_options(*options); });
}

void add_lane_overrides(CLI::App& command, LaneOverrides& overrides) {
  add_number(command, "--threads", overrides.threads, 1, 4096, "threads");
  add_number(command, "--iters", overrides.iterations, 1, 1'000'000'000'000,
             "iterations of each thread");
  add_number(command, "--remote", overrides.remote_percent, 0, 100, "per cent of releases remote");
  add_number(command, "--ring", overrides.ring, 1, 1 << 24, "pointers that a ring holds");
  add_number(command, "--touch", overrides.touch, 0, 2, "write 0 nothing, 1 both ends, 2 all");
  command.add_flag("--matched", overrides.matched, "a full ring waits instead of freeing locally");
  command.add_flag("--quick", overrides.quick, "3 runs of half the work: about 2 minutes");
}

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
  command.add_option("--set", options.settings, "a setting for tamari's arm; repeatable")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  command.add_flag("--list", options.list, "list the lanes and stop");
}

void add_bench_lanes(CLI::App& bench, int& status) {
  CLI::App* command = add_command(bench, "lanes", "compare installed allocators on the lanes");
  auto options = std::make_shared<BenchLanesOptions>();
  add_text(*command, "--peers", options->peers, "LIST",
           "auto (default), none, or names and NAME=PATH by commas");
  add_lists(*command, *options);
  add_lane_overrides(*command, options->overrides);
  add_sampling(*command, *options);
  command->add_flag("--json", options->json, "print JSON instead of tables");
  add_text(*command, "--html", options->html, "FILE", "also write a self-contained page");
  add_text(*command, "--bench", options->bench, "PATH", "the benchmark, if not beside tamari");
  add_text(*command, "--lib", options->library, "PATH", "the library, if not beside tamari");
  command->callback([options, &status] { status = bench_lanes(*options); });
}

void add_bench(CLI::App& app, int& status) {
  CLI::App* command = add_command(app, "bench", "compare allocators on this machine");
  command->require_subcommand(1);
  add_bench_lanes(*command, status);
}

// The innermost command that was named.
const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.back());
}

int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help
  const std::vector<std::string> unknown = app.remaining(true);
  const auto is_option = [](const std::string& word) { return word.rfind("-", 0) == 0; };
  const auto option = std::find_if(unknown.begin(), unknown.end(), is_option);
  if (option != unknown.end()) refuse_word(innermost(app), *option);
  if (!unknown.empty()) refuse_word(innermost(app), unknown.front());
  throw CommandError(kUsage, std::string(error.what()) + " (see --help)");
}

int parse_and_run(int argc, char** argv) {
  int status = kDone;
  CLI::App app("tamari: a drop-in malloc, and the laboratory that proves it", "tamari");
  app.footer(kStatuses);
  app.require_subcommand(1);
  add_run(app);
  add_env(app);
  add_options(app);
  add_bench(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error);
  }
  return status;
}

}  // namespace

int run_cli(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const CommandError& error) {
    std::fprintf(stderr, "tamari: %s\n", error.what());
    return error.status();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tamari: %s\n", error.what());
    return kHarness;
  }
}

}  // namespace tamari::lab
