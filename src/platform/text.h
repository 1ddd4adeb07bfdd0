// text.h - text built in a caller's buffer: no allocation, no locale, no stdio. Async-signal-safe.
// Text that does not fit is cut; `length()` still counts it, as snprintf does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tamari {

class Text {
 public:
  Text(char* buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) { terminate(); }

  Text& add(const char* text) { return add(text, std::strlen(text)); }

  Text& add(const char* text, size_t length) {
    for (size_t i = 0; i < length; ++i) put(text[i]);
    terminate();
    return *this;
  }

  Text& number(uint64_t value, unsigned base = 10) {
    char digits[20];
    int count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    while (count > 0) put(digits[--count]);
    terminate();
    return *this;
  }

  Text& pointer(const void* value) {
    return add("0x").number(reinterpret_cast<uintptr_t>(value), 16);
  }

  size_t length() const { return length_; }
  size_t stored() const { return length_ < capacity_ ? length_ : capacity_ - 1; }
  const char* c_str() const { return buffer_; }

 private:
  void put(char c) {
    if (length_ + 1 < capacity_) buffer_[length_] = c;
    ++length_;
  }
  void terminate() {
    if (capacity_ > 0) buffer_[stored()] = '\0';
  }

  char* buffer_;
  size_t capacity_;
  size_t length_ = 0;
};

}  // namespace tamari
