// One row per positional argument: the parser, the range check and the usage text read this table.
#include "arguments.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "command_words.h"

namespace tamari::bench {
namespace {

constexpr char kProgram[] = "bench_random_mixed_mt_remote";
constexpr std::size_t kRequiredPositions = 7;
constexpr std::uint64_t kMaxSettleMs = 600'000;

struct Position {
  const char* name;
  std::uint64_t Arguments::*field;
  std::uint64_t low;
  std::uint64_t high;
  const char* meaning;
};

constexpr Position kPositions[] = {
    {"THREADS", &Arguments::threads, 1, 4096, "worker threads"},
    {"ITERS", &Arguments::iterations, 1, 1'000'000'000'000, "iterations of each thread"},
    {"SLOTS", &Arguments::slots, 1, 1ULL << 28, "pointer slots of each thread"},
    {"MIN", &Arguments::min_size, 1, 1ULL << 40, "smallest request in bytes"},
    {"MAX", &Arguments::max_size, 1, 1ULL << 40, "largest request in bytes, MIN or more"},
    {"REMOTE%", &Arguments::remote_percent, 0, 100, "per cent of releases sent to the next thread"},
    {"RING", &Arguments::ring, 1, 1ULL << 24, "pointers that a ring holds"},
    {"TOUCH", &Arguments::touch, 0, 2, "write 0 nothing, 1 first and last byte, 2 every byte"},
    {"MATCHED", &Arguments::matched, 0, 1, "full ring: 0 frees locally, 1 waits for room"},
};

void print_usage(std::FILE* stream) {
  std::fputs(
      "usage: bench_random_mixed_mt_remote [--settle=MS] THREADS ITERS SLOTS MIN MAX REMOTE% RING "
      "[TOUCH] [MATCHED]\n"
      "Each thread allocates into random slots; an occupied slot is released, REMOTE% of the time\n"
      "through a ring to the next thread, which frees it. With one thread all releases are "
      "local.\n\n",
      stream);
  for (const Position& p : kPositions) {
    std::fprintf(stream, "  %-8s %s, %llu to %llu\n", p.name, p.meaning,
                 static_cast<unsigned long long>(p.low), static_cast<unsigned long long>(p.high));
  }
  std::fputs(
      "  --settle=MS  after everything was freed sleep MS milliseconds, threads alive, then read\n"
      "               rss_settled_kib (default 0)\n\n"
      "Prints one line of key=value. Exit status: 0 done, 1 the system refused memory or threads\n"
      "(or blocks were lost: live_at_end is not 0), 2 wrong arguments.\n",
      stream);
}

void parse_option(const char* word, Arguments& arguments) {
  constexpr const char kSettle[] = "--settle=";
  if (std::strcmp(word, "--help") == 0) {
    print_usage(stdout);
    std::exit(0);
  }
  if (std::strncmp(word, kSettle, sizeof kSettle - 1) != 0) {
    refuse_word(kProgram, "option", word, "the options are --settle=MS and --help");
  }
  arguments.settle_ms =
      parse_whole(kProgram, "--settle", word + sizeof kSettle - 1, 0, kMaxSettleMs);
}

}  // namespace

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  std::size_t position = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--", 2) == 0) {
      parse_option(argv[i], arguments);
      continue;
    }
    if (position == std::size(kPositions)) {
      refuse_word(kProgram, "argument 10", argv[i], "leave it out");
    }
    const Position& p = kPositions[position++];
    arguments.*p.field = parse_whole(kProgram, p.name, argv[i], p.low, p.high);
  }
  if (position < kRequiredPositions) {
    std::fprintf(stderr, "%s: %s is missing: give %s; see --help\n", kProgram,
                 kPositions[position].name, kPositions[position].meaning);
    std::exit(kUsageStatus);
  }
  if (arguments.min_size > arguments.max_size) {
    std::fprintf(stderr, "%s: MIN %llu exceeds MAX %llu: swap them; see --help\n", kProgram,
                 static_cast<unsigned long long>(arguments.min_size),
                 static_cast<unsigned long long>(arguments.max_size));
    std::exit(kUsageStatus);
  }
  return arguments;
}

}  // namespace tamari::bench
