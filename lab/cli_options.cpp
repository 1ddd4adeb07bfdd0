// See cli_options.h.
#include "lab/cli_options.h"

#include <fmt/format.h>

#include <charconv>

namespace tamari::lab {

CLI::App* add_subcommand(CLI::App& parent, const char* name, const char* description,
                         const char* statuses) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->footer(statuses);
  return command;
}

std::string number_problem(const std::string& word, std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, value);
  const bool good = read.ec == std::errc() && read.ptr == end && value >= low && value <= high;
  return good ? "" : fmt::format("'{}' must be a whole number from {} to {}", word, low, high);
}

CLI::Option* add_text(CLI::App& command, const char* name, std::string& target, const char* type,
                      const char* description) {
  return command.add_option(name, target, description)->type_name(type);
}

CLI::Option* add_repeatable(CLI::App& command, const char* name, std::vector<std::string>& target,
                            const char* type, const char* description) {
  return command.add_option(name, target, description)->allow_extra_args(false)->type_name(type);
}

void add_library_options(CLI::App& command, RunOptions& options) {
  add_repeatable(command, "--set", options.settings, "KEY=VALUE",
                 "a setting of the library; repeatable");
  add_text(command, "--lib", options.library, "PATH", "the library, if not beside tamari");
}

void add_lane_overrides(CLI::App& command, LaneOverrides& overrides) {
  add_number(command, "--threads", overrides.threads, 1, 4096, "threads");
  add_number(command, "--iters", overrides.iterations, 1, 1'000'000'000'000,
             "iterations of each thread");
  add_number(command, "--remote", overrides.remote_percent, 0, 100, "per cent of releases remote");
  add_number(command, "--touch", overrides.touch, 0, 2, "write 0 nothing, 1 both ends, 2 all");
  command.add_flag("--matched", overrides.matched, "a full ring waits instead of freeing locally");
}

}  // namespace tamari::lab
