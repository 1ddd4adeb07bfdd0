// What the checks of the first blocks cost in memory: the same work in two processes, one of which
// has none (check_first=0). Their difference is what the records and the clearing add.

#include <malloc.h>

#include "process.h"

namespace {

constexpr int kSizes = 60;
constexpr size_t kUntouchedBytes = 16000;

long faults() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// One block each of many sizes, written to the last byte: each size has a span of its own.
long faults_of_many_sizes() {
  const long before = faults();
  size_t size = 16;
  for (int i = 0; i < kSizes; ++i, size += size / 8 + 8) {
    auto* block = static_cast<char*>(opaque(malloc(size)));
    memset(block, 1, malloc_usable_size(block));
  }
  return faults() - before;
}

// Blocks that are freed without having been touched.
long kib_of_untouched() {
  const long before = resident_kib();
  void* blocks[kSizes];
  for (void*& block : blocks) block = opaque(malloc(kUntouchedBytes));
  for (void* block : blocks) free(block);
  return resident_kib() - before;
}

struct Cost {
  long faults, kib;
};

Cost run(const char* settings) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    setenv("TAMARI_CONF", settings, 1);
    exec_self("measure");
  }
  Cost cost;
  REQUIRE(read(ends[0], &cost, sizeof cost) == sizeof cost);
  EXPECT(wait_for(child) == 0);
  close(ends[0]);
  close(ends[1]);
  return cost;
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) {
    const Cost cost = {faults_of_many_sizes(), kib_of_untouched()};
    return write(STDOUT_FILENO, &cost, sizeof cost) == sizeof cost ? 0 : 1;
  }
  const Cost unchecked = run("check_first=0");
  const Cost checked = run("check_first=128");
  printf("faults: %ld, unchecked %ld; KiB of blocks never touched: %ld, unchecked %ld\n",
         checked.faults, unchecked.faults, checked.kib, unchecked.kib);
  EXPECT_AT_MOST(checked.faults - unchecked.faults, 24);
  EXPECT_AT_MOST(checked.kib - unchecked.kib, kSizes * 2);
  return expect_status();
}
