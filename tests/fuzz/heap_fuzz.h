// heap_fuzz.h - random sequences of calls of the front door against a shadow map: live blocks do
// not overlap, keep their contents and their alignment, and fresh zeroed memory is zero. What the
// layers count agrees with what is alive.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fuzz {

class HeapFuzz {
 public:
  explicit HeapFuzz(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1), stamp_(seed) {}

  // False at the first thing that is wrong; complaint() then says what, at which operation.
  bool run(uint64_t operations);
  // Frees every block and gives all back: then no page may be in use.
  bool end();

  // For the test of the fuzzer itself.
  void damage_a_block() { ++*random_block()->first; }

  const std::string& complaint() const { return complaint_; }

 private:
  struct Block {
    size_t bytes;
    uint64_t stamp;
  };
  using Blocks = std::map<char*, Block>;
  struct Live {
    uint64_t bytes = 0, pages = 0;
  };

  uint64_t next();
  size_t below(size_t limit) { return next() % limit; }
  size_t random_size();
  Blocks::iterator random_block();
  bool fail(const std::string& what);

  bool step();
  bool add(char* start, size_t bytes, size_t alignment, bool zero);
  bool allocate();
  bool reallocate();
  bool deallocate();
  void change_setting();
  void purge();

  void fill(char* start, const Block& block);
  bool intact(char* start, const Block& block, size_t bytes);
  bool all_intact();
  Live count_live() const;
  bool counts_agree();

  uint64_t state_;
  uint64_t stamp_;
  uint64_t operation_ = 0;
  Blocks blocks_;
  std::string complaint_;
};

}  // namespace fuzz
