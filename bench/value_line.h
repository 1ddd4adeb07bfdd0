// What a benchmark program prints: one line of key=value on standard output, written without stdio,
// whose buffers are the allocator's.
#pragma once

#include <cstdint>

namespace tamari::bench {

class ValueLine {
 public:
  void add(const char* key, double value, int digits);
  void add(const char* key, std::int64_t value);
  void print();

 private:
  char text_[8192];
  int length_ = 0;
};

}  // namespace tamari::bench
