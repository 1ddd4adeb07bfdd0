// A few seconds of the operation fuzzer. For minutes or hours: script/fuzz.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "heap/allocate.h"
#include "heap_fuzz.h"

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr uint64_t kSequences = 1;
#else
constexpr uint64_t kSequences = 8;
#endif

TEST(HeapFuzz, ManySequences) {
  for (uint64_t seed = 1; seed <= kSequences; ++seed) {
    fuzz::HeapFuzz fuzz(seed);
    ASSERT_TRUE(fuzz.run(40000)) << "seed " << seed << ", " << fuzz.complaint();
    ASSERT_TRUE(fuzz.end()) << "seed " << seed << ", " << fuzz.complaint();
  }
}

// The fuzzer itself must see damage. In a child: what follows it may be anything.
TEST(HeapFuzzDeathTest, FindsADamagedBlock) {
  EXPECT_EXIT(
      {
        fuzz::HeapFuzz fuzz(99);
        const bool clean = fuzz.run(2000);
        fuzz.damage_a_block();
        std::fprintf(stderr, "%s\n", clean && !fuzz.run(20000) ? fuzz.complaint().c_str() : "none");
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "lost its contents");
}

// Blocks that nobody knows of: one of many pages, and small ones of many spans.
void run_with_stray(size_t blocks, size_t bytes) {
  fuzz::HeapFuzz fuzz(99);
  // Past the first blocks, which are checked: then nothing is counted.
  const bool clean = fuzz.run(4000);
  for (size_t i = 0; i < blocks; ++i) tamari::allocate(bytes);
  std::fprintf(stderr, "%s\n", clean && !fuzz.run(2000) ? fuzz.complaint().c_str() : "none");
  std::_Exit(0);
}

TEST(HeapFuzzDeathTest, FindsBlocksThatNobodyKnowsOf) {
  EXPECT_EXIT(run_with_stray(1, 1 << 20), testing::ExitedWithCode(0), "pages in use without");
  EXPECT_EXIT(run_with_stray(2000, 256), testing::ExitedWithCode(0), "blocks are nowhere");
}

}  // namespace
