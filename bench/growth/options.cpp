// See options.h.
#include "bench/growth/options.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/command_words.h"

namespace tamari::bench {
namespace {

constexpr char kProgram[] = "bench_growth";
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
  refuse_word(kProgram, where, word, advice);
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
  options.settle_ms =
      parse_whole(kProgram, "--settle", word + sizeof kSettle - 1, 0, kMostSettle_ms);
}

void parse_position(std::size_t position, const char* word, GrowthOptions& options) {
  switch (position) {
    case 0:
      options.dimension = find_dimension(word);
      if (options.dimension == nullptr) refuse("DIMENSION", word, "--list names those there are");
      return;
    case 1:
      options.growth.value =
          parse_whole(kProgram, "VALUE", word, options.dimension->low, options.dimension->high);
      return;
    case 2:
      options.growth.turns = parse_whole(kProgram, "TURNS", word, 1, kMostTurns);
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
