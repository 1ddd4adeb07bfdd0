// `tamari run`, `tamari env` and `tamari options`: the library under a program, or the line that
// does the same without tamari.
#pragma once

#include <string>
#include <vector>

namespace tamari::lab {

struct RunOptions {
  std::vector<std::string> settings;  // key=value, from --set
  std::string library;                // from --lib; empty: search
  std::vector<std::string> command;   // PROGRAM ARGS
};

// Checks that the program can be run under the library, and sets the variables of this process that
// put it there. Returns the program's path.
std::string prepare_program(const RunOptions& options);

// Replaces this process by the program at the path. Returns only by a CommandError.
[[noreturn]] void replace_process(const std::string& path, std::vector<std::string> words);

// Replaces this process by the program, so the process id stays. Returns only by a CommandError.
[[noreturn]] void run_program(const RunOptions& options);

// Prints the equivalent shell assignments.
void print_env(const RunOptions& options);

// Replaces this process by a preloaded one in which the library prints its tunables.
[[noreturn]] void print_options(const RunOptions& options);

}  // namespace tamari::lab
