// See cli_explain.h.
#include "lab/cli_explain.h"

#include <charconv>
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
    "PID: a process that runs under the library; it is read from outside and not stopped.\n"
    "FILE: what stats_at_exit=json:FILE or tamari_stats_json() wrote; -: standard input.\n"
    "Exit status: 0 done; 1 explained, but the program failed; 2 wrong arguments or file, or no\n"
    "process under tamari; 3 no snapshot, or the process may not or cannot be read; 126 the\n"
    "program cannot be run preloaded; 127 it was not found.";

[[noreturn]] void refuse_words(const std::string& problem) {
  throw CommandError(kUsage, "explain: " + problem + " (see --help)");
}

// All digits: a process. (A file of such a name is ./4711.)
std::optional<pid_t> process_number(const std::string& word) {
  if (word.empty() || word.find_first_not_of("0123456789") != std::string::npos) return {};
  pid_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc()) throw CommandError(kUsage, "there is no process " + word);
  return number;
}

// Whether the words are a program's or a file's name is said by a "--" before them.
void sort_words(std::vector<std::string> words, std::optional<std::size_t> after_dashes,
                ExplainOptions& options) {
  if (words.empty()) refuse_words("give PID, FILE, or -- PROGRAM ARGS");
  if (after_dashes.value_or(0) == 0) {
    if (words.size() > 1) refuse_words("give one PID or FILE, or -- before a program");
    options.process = process_number(words.front());
    if (!options.process) options.file = words.front();
  } else {
    options.run.command = std::move(words);
  }
}

}  // namespace

void add_explain(CLI::App& app, int& status, std::optional<std::size_t> words_after_dashes) {
  CLI::App* command = add_subcommand(
      app, "explain", "where resident memory is: tamari explain PID, FILE, or -- PROGRAM ARGS",
      kStatuses);
  auto options = std::make_shared<ExplainOptions>();
  auto words = std::make_shared<std::vector<std::string>>();
  command->add_flag("--json", options->json, "print JSON instead of the tree");
  add_library_options(*command, options->run);
  command
      ->add_option("FILE", *words,
                   "a process, or a snapshot; or after --, a program with its arguments")
      ->type_name("");
  command->callback([=, &status] {
    sort_words(*words, words_after_dashes, *options);
    const bool for_program = !options->run.settings.empty() || !options->run.library.empty();
    if (for_program && options->run.command.empty()) {
      refuse_words("--set and --lib are for a program");
    }
    status = explain(*options);
  });
}

}  // namespace tamari::lab
