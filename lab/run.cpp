// See run.h.
#include "lab/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "lab/command_error.h"
#include "lab/elf_check.h"
#include "lab/installation.h"
#include "lab/preload.h"
#include "lab/self_check.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

struct Variables {
  std::string preload;
  std::string settings;
};

Variables checked_variables(const RunOptions& options) {
  const std::string library = require_library(options.library);
  const std::string settings =
      merge_settings(environment_value(kSettingsVariable), options.settings);
  check_settings(library, settings);
  return {merge_preload(library, environment_value(kPreloadVariable)), settings};
}

void set_or_clear(const char* name, const std::string& value) {
  if (value.empty()) {
    unsetenv(name);
  } else {
    setenv(name, value.c_str(), 1);
  }
}

void refuse_unreachable(const ProgramCheck& check) {
  if (!check.refusal) return;
  const bool found = check.refusal->obstacle != Obstacle::kNotFound;
  throw CommandError(found ? kNotRunnable : kNotFound, check.refusal->reason);
}

}  // namespace

void replace_process(const std::string& path, std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  throw CommandError(kNotRunnable, fmt::format("cannot run {}: {}", path, std::strerror(errno)));
}

std::string prepare_program(const RunOptions& options) {
  const std::string library = require_library(options.library);
  const auto facts = read_elf(library);
  if (!facts) throw CommandError(kUsage, fmt::format("{} is not a shared library", library));
  const ProgramCheck check = check_program(options.command.front(), *facts);
  refuse_unreachable(check);
  const Variables variables = checked_variables(options);
  set_or_clear(kPreloadVariable, variables.preload);
  set_or_clear(kSettingsVariable, variables.settings);
  return check.path;
}

void run_program(const RunOptions& options) {
  replace_process(prepare_program(options), options.command);
}

void print_env(const RunOptions& options) {
  const Variables variables = checked_variables(options);
  fmt::print("{}={}", kPreloadVariable, shell_quote(variables.preload));
  if (!variables.settings.empty()) {
    fmt::print(" {}={}", kSettingsVariable, shell_quote(variables.settings));
  }
  fmt::print("\n");
}

void print_options(const RunOptions& options) {
  const std::string library = require_library(options.library);
  set_or_clear(kPreloadVariable, merge_preload(library, ""));
  set_or_clear(kSettingsVariable, "help");
  replace_process(self_path(), {self_path(), kSelfCheck});
}

}  // namespace tamari::lab
