// The options of `tamari bench`.
#pragma once

#include <CLI/CLI.hpp>

namespace tamari::lab {

// `status` receives the exit status of the command that was chosen.
void add_bench(CLI::App& app, int& status);

}  // namespace tamari::lab
