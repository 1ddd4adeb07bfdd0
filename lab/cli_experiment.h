// The command lines of `tamari ab` and `tamari sweep`. Their exit statuses are answers, so wrong
// arguments end them with kExperimentFailed.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tamari::lab {

bool is_experiment_command(const std::string& name);

void add_ab(CLI::App& app, int& status);
void add_sweep(CLI::App& app, int& status);

}  // namespace tamari::lab
