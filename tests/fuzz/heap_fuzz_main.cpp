// tamari_heap_fuzz [SEED [OPERATIONS]]: a long run of one sequence. script/fuzz makes many.
#include <cstdio>
#include <cstdlib>

#include "heap_fuzz.h"

int main(int argc, char** argv) {
  const uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const uint64_t operations = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000'000;
  fuzz::HeapFuzz fuzz(seed);
  if (fuzz.run(operations) && fuzz.end()) {
    std::printf("seed %lu: %lu operations without a complaint\n", seed, operations);
    return 0;
  }
  std::fprintf(stderr, "seed %lu, %s\n", seed, fuzz.complaint().c_str());
  return 1;
}
