// What the subcommands' option lists have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "lab/lanes.h"
#include "lab/run.h"

namespace tamari::lab {

CLI::App* add_subcommand(CLI::App& parent, const char* name, const char* description,
                         const char* statuses);

// Empty, or why the word is no whole number within the bounds.
std::string number_problem(const std::string& word, std::uint64_t low, std::uint64_t high);

// A whole number within bounds, shown as N in the help.
template <typename Number>
CLI::Option* add_number(CLI::App& command, const char* name, Number& target, std::uint64_t low,
                        std::uint64_t high, const char* description) {
  return command.add_option(name, target, description)
      ->check([low, high](const std::string& word) { return number_problem(word, low, high); })
      ->type_name("N");
}

CLI::Option* add_text(CLI::App& command, const char* name, std::string& target, const char* type,
                      const char* description);

// Takes one word each time that it is given.
CLI::Option* add_repeatable(CLI::App& command, const char* name, std::vector<std::string>& target,
                            const char* type, const char* description);

// --set, --lib
void add_library_options(CLI::App& command, RunOptions& options);

// --threads, --iters, --remote, --touch, --matched
void add_lane_overrides(CLI::App& command, LaneOverrides& overrides);

}  // namespace tamari::lab
