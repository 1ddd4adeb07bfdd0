// See options.h. One row per option: the parser and the usage text read this table.
#include "bench/suite/options.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/command_words.h"

namespace tamari::bench {
namespace {

constexpr char kProgram[] = "bench_suite";

struct Number {
  const char* name;
  const char* argument;
  std::uint64_t Options::*field;
  std::uint64_t low;
  std::uint64_t high;
  const char* meaning;
};

constexpr Number kNumbers[] = {
    {"--threads", "N", &Options::threads, 1, 4096, "threads, where the workload leaves a choice"},
    {"--seed", "N", &Options::seed, 0, 1'000'000'000, "seed of every random draw (1)"},
    {"--settle", "MS", &Options::settle_ms, 0, 600'000,
     "read rss_settled_kib this long after the end (0)"},
};

struct Flag {
  const char* name;
  bool Options::*field;
  const char* meaning;
};

constexpr Flag kFlags[] = {
    {"--settle-curve", &Options::settle_curve,
     "RSS 100 ms, 1 s and 10 s after the end as well; takes 10 s"},
    {"--latency", &Options::latency,
     "time every call of the allocator: percentiles, at the price of two clock readings a call"},
};

constexpr double kLeastScale = 0.0001;
constexpr double kMostScale = 1000;

void print_list() {
  for (const Workload& workload : workloads()) {
    std::printf("  %-22s %s\n", workload.name, workload.description);
  }
}

void print_usage() {
  std::puts(
      "usage: bench_suite WORKLOAD [OPTION]...\n"
      "Runs one workload under whatever allocator is preloaded and prints one line of key=value.\n"
      "Exit status: 0 done, 1 a correctness check failed (no figures), 2 wrong arguments.\n\n"
      "  --scale F        amount of work, 1 is a second or a few (1)");
  for (const Number& number : kNumbers) {
    std::printf("  %-9s %-6s %s\n", number.name, number.argument, number.meaning);
  }
  for (const Flag& flag : kFlags) std::printf("  %-16s %s\n", flag.name, flag.meaning);
  std::puts("  --list           the workloads, one a line\n\nWorkloads:");
  print_list();
}

[[noreturn]] void refuse(const char* where, const char* word, const char* advice) {
  refuse_word(kProgram, where, word, advice);
}

double parse_scale(const char* word) {
  char* end = nullptr;
  const double scale = std::strtod(word, &end);
  if (end == word || *end != '\0' || !(scale >= kLeastScale && scale <= kMostScale)) {
    refuse("--scale", word, "give a number from 0.0001 to 1000");
  }
  return scale;
}

const Workload* parse_workload(const char* word) {
  const Workload* workload = find_workload(word);
  if (workload == nullptr) refuse("WORKLOAD", word, "--list names those there are");
  return workload;
}

// The words of a command line, one after the other.
class Words {
 public:
  Words(int count, char** words) : words_(words), end_(words + count) { ++words_; }
  bool at_end() const { return words_ >= end_; }
  const char* next() { return *words_++; }

  // The value of `--name VALUE` or `--name=VALUE`; null if `word` is another option.
  const char* value_of(const char* word, const char* name) {
    const std::size_t length = std::strlen(name);
    if (std::strncmp(word, name, length) != 0) return nullptr;
    if (word[length] == '=') return word + length + 1;
    if (word[length] != '\0') return nullptr;
    if (at_end()) refuse(name, "", "give it a value");
    return next();
  }

 private:
  char** words_;
  char** end_;
};

bool parse_flag(const char* word, Options& options) {
  for (const Flag& flag : kFlags) {
    if (std::strcmp(word, flag.name) != 0) continue;
    options.*flag.field = true;
    return true;
  }
  return false;
}

bool parse_valued(const char* word, Words& words, Options& options) {
  if (const char* value = words.value_of(word, "--scale")) {
    options.scale = parse_scale(value);
    return true;
  }
  for (const Number& number : kNumbers) {
    const char* value = words.value_of(word, number.name);
    if (value == nullptr) continue;
    options.*number.field = parse_whole(kProgram, number.name, value, number.low, number.high);
    return true;
  }
  return false;
}

void parse_option(const char* word, Words& words, Options& options) {
  if (std::strcmp(word, "--help") == 0) {
    print_usage();
    std::exit(0);
  }
  if (std::strcmp(word, "--list") == 0) {
    print_list();
    std::exit(0);
  }
  if (parse_flag(word, options) || parse_valued(word, words, options)) return;
  refuse("option", word, "there is no such option");
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  Words words(argc, argv);
  while (!words.at_end()) {
    const char* word = words.next();
    if (std::strncmp(word, "--", 2) == 0) {
      parse_option(word, words, options);
    } else if (options.workload == nullptr) {
      options.workload = parse_workload(word);
    } else {
      refuse("a second WORKLOAD", word, "one a run");
    }
  }
  if (options.workload == nullptr) refuse("WORKLOAD", "", "name one; --list names those there are");
  return options;
}

}  // namespace tamari::bench
