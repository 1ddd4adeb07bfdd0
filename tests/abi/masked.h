// The library's lines without what differs from run to run.

#pragma once

#include <string>

// Every run of `digits` after `mark` becomes `name`.
inline std::string mask(const std::string& text, const std::string& mark, const char* digits,
                        const char* name) {
  std::string masked;
  size_t from = 0;
  for (size_t at; (at = text.find(mark, from)) != std::string::npos;) {
    masked.append(text, from, at - from).append(name);
    from = text.find_first_not_of(digits, at + mark.size());
    if (from == std::string::npos) return masked;
  }
  return masked.append(text, from);
}

inline std::string masked(const std::string& text) {
  return mask(mask(text, "0x", "0123456789abcdef", "ADDRESS"), "thread ", "0123456789", "thread N");
}
