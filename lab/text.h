// Words and numbers for people: splitting, quoting, the nearest name, units.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tamari::lab {

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string trim(std::string_view text);

// The word as a POSIX shell reads it back; unquoted where no quoting is needed.
std::string shell_quote(std::string_view word);

std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that a misspelt name most likely meant; none if nothing is close.
std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& candidates);

// "; did you mean 'x'?" or nothing.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

std::string escape_html(std::string_view text);

// "1.5 MiB".
std::string bytes_words(std::uint64_t bytes);

// "-" for an unknown value, never 0.
std::string format_or_dash(std::optional<double> value, int decimals, double unit = 1);

}  // namespace tamari::lab
