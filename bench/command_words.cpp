// See command_words.h.
#include "command_words.h"

#include <cstdio>
#include <cstdlib>

namespace tamari::bench {

void refuse_word(const char* program, const char* where, const char* word, const char* advice) {
  std::fprintf(stderr, "%s: %s is '%s': %s; see --help\n", program, where, word, advice);
  std::exit(kUsageStatus);
}

std::uint64_t parse_whole(const char* program, const char* where, const char* word,
                          std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  const char* c = word;
  for (; *c >= '0' && *c <= '9' && value <= high; ++c) {
    value = value * 10 + static_cast<std::uint64_t>(*c - '0');
  }
  if (c == word || *c != '\0' || value < low || value > high) {
    char advice[96];
    std::snprintf(advice, sizeof advice, "give a whole number from %llu to %llu",
                  static_cast<unsigned long long>(low), static_cast<unsigned long long>(high));
    refuse_word(program, where, word, advice);
  }
  return value;
}

}  // namespace tamari::bench
