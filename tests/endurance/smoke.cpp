// What must work on any machine, in a short time and without a look at resident memory: for runs
// under an emulator, whose own memory would be counted.

#include <malloc.h>
#include <stdint.h>

#include <atomic>
#include <thread>
#include <vector>

#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr unsigned long kThreads = 4;
constexpr unsigned long kSlots = 512;
constexpr size_t kOperations = 30000;

std::atomic<char*> slots[kThreads][kSlots];

char* stamped(void* memory, size_t size) {
  REQUIRE(memory != nullptr && reinterpret_cast<uintptr_t>(memory) % 16 == 0);
  auto* block = static_cast<char*>(memory);
  memcpy(block, &size, sizeof size);
  block[size - 1] = 's';
  return block;
}

void end_block(char* block) {
  if (block == nullptr) return;
  size_t size = 0;
  memcpy(&size, block, sizeof size);
  REQUIRE(size >= 32 && size <= 4 * kMiB && block[size - 1] == 's');
  free(block);
}

// Own slots and others', so that many frees are remote.
void churn(unsigned long self, size_t operations) {
  Random random(self + 1);
  for (size_t i = 0; i < operations; ++i) {
    const size_t size =
        random.below(500) == 0 ? 20000 + random.below(2 * kMiB) : mixed_size(random);
    char* block = stamped(random.below(4) == 0 ? calloc(1, size) : malloc(size), size);
    if (random.below(8) == 0) block = stamped(realloc(block, size * 2), size * 2);
    const unsigned long row = random.below(2) == 0 ? random.below(kThreads) : self;
    end_block(slots[row][random.below(kSlots)].exchange(block));
  }
}

// Twice, so that owners retire and are adopted, with blocks of theirs alive.
void threads() {
  for (int round = 0; round < 2; ++round) {
    std::vector<std::thread> all;
    for (unsigned long t = 0; t < kThreads; ++t) all.emplace_back(churn, t, kOperations);
    for (std::thread& thread : all) thread.join();
  }
}

void alignments() {
  for (size_t alignment = 16; alignment <= 4 * kMiB; alignment *= 2) {
    for (const size_t size : {size_t{1}, alignment - 1, alignment * 3 / 2}) {
      void* block = memalign(alignment, size);
      REQUIRE(block != nullptr && reinterpret_cast<uintptr_t>(block) % alignment == 0);
      memset(block, 1, size);
      free(block);
    }
  }
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  void* whole = pvalloc(page + 1);
  EXPECT(reinterpret_cast<uintptr_t>(whole) % page == 0 && malloc_usable_size(whole) >= 2 * page);
  free(whole);
  note("page size", static_cast<double>(page) / 1024, "KiB");
}

void growing() {
  char* block = nullptr;
  for (size_t size = 64; size <= 64 * kMiB; size *= 2) {
    block = static_cast<char*>(realloc(block, size));
    REQUIRE(block != nullptr);
    if (size > 64) EXPECT(block[0] == 'g' && block[size / 2 - 1] == 'g');
    block[0] = block[size - 1] = 'g';
  }
  free(block);
}

// Memory that was dirty, given back and taken again is zero to calloc.
void cleared() {
  constexpr size_t kBytes = 300000;
  for (int round = 0; round < 20; ++round) {
    auto* block = static_cast<char*>(calloc(1, kBytes));
    REQUIRE(block != nullptr);
    EXPECT(block[0] == 0 && memcmp(block, block + 1, kBytes - 1) == 0);
    memset(block, 1, kBytes);
    free(block);
    if (round % 5 == 4) malloc_trim(0);
  }
}

void free_all() {
  for (auto& row : slots) {
    for (auto& slot : row) end_block(slot.exchange(nullptr));
  }
  sleep_ms(1500);  // pages decay, caches are emptied
  malloc_trim(0);
  churn(0, kOperations / 10);
  for (auto& slot : slots[0]) end_block(slot.exchange(nullptr));
}

void forked() {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(60);
    churn(1, kOperations / 10);
    free_all();
    _exit(expect_status());
  }
  EXPECT(wait_for(child) == 0);
}

}  // namespace

int main() {
  threads();
  alignments();
  growing();
  cleared();
  forked();
  free_all();
  return expect_status();
}
