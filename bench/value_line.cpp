// See value_line.h.
#include "bench/value_line.h"

#include <unistd.h>

#include <cstdio>

namespace tamari::bench {

void ValueLine::add(const char* key, double value, int digits) {
  length_ += std::snprintf(text_ + length_, sizeof text_ - static_cast<std::size_t>(length_),
                           "%s%s=%.*f", length_ == 0 ? "" : " ", key, digits, value);
}

void ValueLine::add(const char* key, std::int64_t value) {
  length_ +=
      std::snprintf(text_ + length_, sizeof text_ - static_cast<std::size_t>(length_), "%s%s=%lld",
                    length_ == 0 ? "" : " ", key, static_cast<long long>(value));
}

void ValueLine::print() {
  text_[length_++] = '\n';
  (void)!write(STDOUT_FILENO, text_, static_cast<std::size_t>(length_));
}

}  // namespace tamari::bench
