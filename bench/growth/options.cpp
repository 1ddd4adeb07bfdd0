// See options.h.
#include "bench/growth/options.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tamari::bench {
namespace {

constexpr int kUsageStatus = 2;
constexpr std::uint64_t kMostTurns = 1'000'000'000'000;
constexpr std::uint64_t kMostSettle_ms = 600'000;
constexpr char kSettle[] = "--settle=";

void print_list() {
  for (const Dimension& dimension : dimensions()) {
    std::printf("  %-14s %s\n", dimension.name, dimension.description);
  }
}

void print_usage() {
  std::puts(
      "usage: bench_growth [--settle=MS] DIMENSION VALUE TURNS\n"
      "Measures TURNS turns - free a random block, allocate another - with DIMENSION grown to "
      "VALUE,\n"
      "under whatever allocator is preloaded, and prints one line of key=value.\n"
      "Exit status: 0 done, 1 a correctness check failed (no figures), 2 wrong arguments.\n\n"
      "  --settle=MS  read rss_settled_kib this long after everything was freed (0)\n"
      "  --list       the dimensions, one a line\n\nDimensions:");
  print_list();
}

[[noreturn]] void refuse(const char* where, const char* word, const char* advice) {
  std::fprintf(stderr, "bench_growth: %s is '%s': %s; see --help\n", where, word, advice);
  std::exit(kUsageStatus);
}

std::uint64_t parse_number(const char* where, const char* word, std::uint64_t low,
                           std::uint64_t high) {
  std::uint64_t value = 0;
  const char* c = word;
  for (; *c >= '0' && *c <= '9' && value <= high; ++c) {
    value = value * 10 + static_cast<std::uint64_t>(*c - '0');
  }
  if (c == word || *c != '\0' || value < low || value > high) {
    char advice[96];
    std::snprintf(advice, sizeof advice, "give a whole number from %llu to %llu",
                  static_cast<unsigned long long>(low), static_cast<unsigned long long>(high));
    refuse(where, word, advice);
  }
  return value;
}

void parse_option(const char* word, GrowthOptions& options) {
  if (std::strcmp(word, "--help") == 0) {
    print_usage();
    std::exit(0);
  }
  if (std::strcmp(word, "--list") == 0) {
    print_list();
    std::exit(0);
  }
  if (std::strncmp(word, kSettle, sizeof kSettle - 1) != 0) {
    refuse("option", word, "there is no such option");
  }
  options.settle_ms = parse_number("--settle", word + sizeof kSettle - 1, 0, kMostSettle_ms);
}

void parse_position(std::size_t position, const char* word, GrowthOptions& options) {
  switch (position) {
    case 0:
      options.dimension = find_dimension(word);
      if (options.dimension == nullptr) refuse("DIMENSION", word, "--list names those there are");
      return;
    case 1:
      options.growth.value =
          parse_number("VALUE", word, options.dimension->low, options.dimension->high);
      return;
    case 2:
      options.growth.turns = parse_number("TURNS", word, 1, kMostTurns);
      return;
    default:
      refuse("argument 4", word, "leave it out");
  }
}

}  // namespace

GrowthOptions parse_growth_options(int argc, char** argv) {
  constexpr const char* kPositions[] = {"DIMENSION", "VALUE", "TURNS"};
  GrowthOptions options;
  std::size_t position = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--", 2) == 0) {
      parse_option(argv[i], options);
    } else {
      parse_position(position++, argv[i], options);
    }
  }
  if (position < std::size(kPositions)) refuse(kPositions[position], "", "give one");
  return options;
}

}  // namespace tamari::bench
