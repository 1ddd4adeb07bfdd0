// The command line of `tamari doctor`.
#pragma once

#include <CLI/CLI.hpp>

namespace tamari::lab {

void add_doctor(CLI::App& app, int& status);

}  // namespace tamari::lab
