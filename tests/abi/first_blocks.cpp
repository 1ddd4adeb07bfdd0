// A correct program is not complained about while its first blocks are checked, nor as that ends
// under the feet of its threads: they write all of every block, to the last byte that they were
// told is theirs, and find it again. Many processes, as each has its first blocks once.

#include <malloc.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <thread>
#include <vector>

#include "mixed.h"
#include "process.h"

namespace {

constexpr int kProcesses = 150;
constexpr size_t kThreads = 4;
constexpr size_t kSlots = 24;

struct Held {
  char* block = nullptr;
  size_t bytes = 0;
  char stamp = 0;
};

// Large blocks are between guards; beyond 1 MiB they end the checks.
size_t some_size(Random& random) {
  switch (random.below(64)) {
    case 0:
      return 2 * kMiB;
    case 1:
    case 2:
      return 300000 + random.below(5000);
    default:
      return random.below(random.below(8) == 0 ? 20000 : 100);
  }
}

void stamp(Held& held, size_t asked, Random& random) {
  held.bytes = random.below(2) == 0 ? asked : malloc_usable_size(held.block);
  held.stamp = static_cast<char>(random.next());
  memset(held.block, held.stamp, held.bytes);
}

void expect_intact(const Held& held, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 1 + i / 64) REQUIRE(held.block[i] == held.stamp);
}

void use(Held& held, Random& random) {
  expect_intact(held, held.bytes);
  size_t asked = some_size(random);
  const unsigned long action = random.below(4);
  if (held.block != nullptr && action == 0) {
    held.block = static_cast<char*>(realloc(held.block, ++asked));
    REQUIRE(held.block != nullptr);
    expect_intact(held, std::min(asked, held.bytes));
  } else {
    free(held.block);
    held.block = static_cast<char*>(action == 1 ? calloc(1, asked) : malloc(asked));
    REQUIRE(held.block != nullptr);
    held.stamp = 0;
    if (action == 1) expect_intact(held, asked);
  }
  stamp(held, asked, random);
}

void work(size_t self) {
  Random random(static_cast<unsigned long>(getpid()) * kThreads + self);
  Held held[kSlots];
  for (int i = 0; i < 300; ++i) use(held[random.below(kSlots)], random);
  for (Held& one : held) {
    expect_intact(one, one.bytes);
    free(one.block);
  }
}

// The bytes that may be overwritten behind the end: a string finds its own end there.
void expect_strings_to_end() {
  auto* text = static_cast<char*>(opaque(malloc(16)));
  memset(text, 'x', 16);
  REQUIRE(strlen(opaque(text)) == 16);
  free(text);
}

// A block of calloc is zero as far as malloc_usable_size() tells that it may be used; what was
// written a little behind the request stays.
void expect_told_is_cleared() {
  for (const size_t size : {1, 24, 100, 3000, 70000}) {
    auto* block = static_cast<char*>(opaque(calloc(1, size)));
    REQUIRE(block != nullptr);
    const size_t usable = malloc_usable_size(block);
    for (size_t i = 0; i < usable; ++i) REQUIRE(block[i] == 0);
    memset(block, 1, usable);
    REQUIRE(malloc_usable_size(block) == usable && block[usable - 1] == 1);
    free(block);
  }
  auto* block = static_cast<char*>(opaque(malloc(20)));
  memset(block, 1, 24);
  REQUIRE(malloc_usable_size(block) >= 24 && block[23] == 1);
  free(block);
}

// The same of those who ask only when the first blocks, and what is done for them, are long over.
void expect_told_later_is_cleared() {
  constexpr size_t kSizes[] = {1, 24, 100, 3000, 5000, 70000, 600000};
  constexpr size_t kRounds = 4;
  char* blocks[kRounds][std::size(kSizes)];
  for (auto& round : blocks) {
    for (size_t i = 0; i < std::size(kSizes); ++i) {
      round[i] = static_cast<char*>(opaque(calloc(1, kSizes[i])));
      REQUIRE(round[i] != nullptr);
    }
  }
  for (char* block : blocks[0]) free(block);
  for (int i = 0; i < 256; ++i) free(opaque(malloc(100)));
  for (size_t round = 1; round < kRounds; ++round) {
    for (char* block : blocks[round]) {
      const size_t usable = malloc_usable_size(block);
      for (size_t at = 0; at < usable; ++at) REQUIRE(block[at] == 0);
      free(block);
    }
  }
}

void run_child() {
  expect_strings_to_end();
  expect_told_is_cleared();
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    std::string_view(argv[1]) == "late" ? expect_told_later_is_cleared() : run_child();
    return 0;
  }
  for (int i = 0; i < kProcesses; ++i) {
    for (const char* part : {"child", "late"}) {
      const pid_t child = fork();
      REQUIRE(child >= 0);
      if (child == 0) exec_self(part);
      EXPECT(wait_for(child) == 0);
    }
  }
  return expect_status();
}
