// What the command lines of the benchmark programs have in common. A wrong word is reported on
// stderr, with `where` it stands, and ends the process with status 2.
#pragma once

#include <cstdint>

namespace tamari::bench {

inline constexpr int kUsageStatus = 2;

[[noreturn]] void refuse_word(const char* program, const char* where, const char* word,
                              const char* advice);

// A whole number from `low` to `high`.
std::uint64_t parse_whole(const char* program, const char* where, const char* word,
                          std::uint64_t low, std::uint64_t high);

}  // namespace tamari::bench
