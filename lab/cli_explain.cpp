// See cli_explain.h.
#include "lab/cli_explain.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/cli_options.h"
#include "lab/command_error.h"
#include "lab/explain.h"

namespace tamari::lab {
namespace {

constexpr char kStatuses[] =
    "FILE: what stats_at_exit=json:FILE or tamari_stats_json() wrote; -: standard input.\n"
    "Exit status: 0 done; 1 explained, but the program failed; 2 wrong arguments or file;\n"
    "3 no snapshot; 126 the program cannot be run preloaded; 127 it was not found.";

[[noreturn]] void refuse_words(const std::string& problem) {
  throw CommandError(kUsage, "explain: " + problem + " (see --help)");
}

// Whether the words are a program's or a file's name is said by a "--" before them.
void sort_words(std::vector<std::string> words, std::optional<std::size_t> after_dashes,
                ExplainOptions& options) {
  if (words.empty()) refuse_words("give FILE, or -- PROGRAM ARGS");
  if (after_dashes.value_or(0) == 0) {
    if (words.size() > 1) refuse_words("give one FILE, or -- before a program");
    options.file = words.front();
  } else {
    options.run.command = std::move(words);
  }
}

}  // namespace

void add_explain(CLI::App& app, int& status, std::optional<std::size_t> words_after_dashes) {
  CLI::App* command = add_subcommand(
      app, "explain", "where resident memory is: tamari explain FILE, or -- PROGRAM ARGS",
      kStatuses);
  auto options = std::make_shared<ExplainOptions>();
  auto words = std::make_shared<std::vector<std::string>>();
  command->add_flag("--json", options->json, "print JSON instead of the tree");
  add_library_options(*command, options->run);
  command->add_option("FILE", *words, "a snapshot; or after --, a program with its arguments")
      ->type_name("");
  command->callback([=, &status] {
    sort_words(*words, words_after_dashes, *options);
    const bool for_program = !options->run.settings.empty() || !options->run.library.empty();
    if (for_program && !options->file.empty()) refuse_words("--set and --lib are for a program");
    status = explain(*options);
  });
}

}  // namespace tamari::lab
