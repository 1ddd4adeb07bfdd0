// See cli.h. A subcommand is one function that declares its options and sets its callback.
#include "lab/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/cli_bench.h"
#include "lab/cli_doctor.h"
#include "lab/cli_experiment.h"
#include "lab/cli_explain.h"
#include "lab/cli_options.h"
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
      add_subcommand(app, "run", "run a program: tamari run [OPTIONS] -- PROGRAM ARGS", kStatuses);
  auto options = std::make_shared<RunOptions>();
  add_library_options(*command, *options);
  command->add_option("PROGRAM", options->command, "after --, with its arguments")
      ->required()
      ->type_name("");
  command->callback([options] { run_program(*options); });
}

void add_env(CLI::App& app) {
  CLI::App* command =
      add_subcommand(app, "env", "print the variables that `run` would set", kStatuses);
  auto options = std::make_shared<RunOptions>();
  add_library_options(*command, *options);
  command->callback([options] { print_env(*options); });
}

void add_options(CLI::App& app) {
  CLI::App* command = add_subcommand(app, "options", "print the library's settings", kStatuses);
  auto options = std::make_shared<RunOptions>();
  add_text(*command, "--lib", options->library, "PATH", "the library, if not beside tamari");
  command->callback([options] { print_options(*options); });
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

// How many words follow the first "--"; none if there is no such word.
std::optional<std::size_t> words_after_dashes(int argc, char** argv) {
  char** end = argv + argc;
  char** dashes = std::find(argv, end, std::string_view("--"));
  if (dashes == end) return std::nullopt;
  return static_cast<std::size_t>(end - dashes - 1);
}

int parse_and_run(int argc, char** argv) {
  int status = kDone;
  CLI::App app("tamari: a drop-in malloc, and the laboratory that proves it", "tamari");
  app.footer(kStatuses);
  app.require_subcommand(1);
  add_run(app);
  add_env(app);
  add_options(app);
  add_doctor(app, status);
  add_explain(app, status, words_after_dashes(argc, argv));
  add_bench(app, status);
  add_ab(app, status);
  add_sweep(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error);
  }
  return status;
}

}  // namespace

int run_cli(int argc, char** argv) {
  const bool experiment = argc > 1 && is_experiment_command(argv[1]);
  try {
    return parse_and_run(argc, argv);
  } catch (const MeaninglessError& error) {
    std::fprintf(stderr, "tamari: %s\n", error.what());
    return kMeaningless;
  } catch (const CommandError& error) {
    std::fprintf(stderr, "tamari: %s\n", error.what());
    const bool keep = !experiment || error.status() == kInterrupted;
    return keep ? int{error.status()} : int{kExperimentFailed};
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tamari: %s\n", error.what());
    return experiment ? int{kExperimentFailed} : int{kHarness};
  }
}

}  // namespace tamari::lab
