// The command line of `tamari explain`.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>

namespace tamari::lab {

// `words_after_dashes`: how many words of the whole command line follow its first "--"; none if
// there is no "--".
void add_explain(CLI::App& app, int& status, std::optional<std::size_t> words_after_dashes);

}  // namespace tamari::lab
