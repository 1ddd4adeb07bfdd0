#include "config/tunables.h"

#include <algorithm>
#include <cstring>

namespace tamari {
namespace {

constexpr char kExitReport[] = "stats_at_exit";

bool equals(const char* name, size_t length, const char* other) {
  return std::strlen(other) == length && std::memcmp(name, other, length) == 0;
}

// Edit distance of two short names (Levenshtein, one row).
size_t distance(const char* a, size_t a_length, const char* b) {
  constexpr size_t kLongest = 64;
  const size_t b_length = std::strlen(b);
  if (a_length >= kLongest || b_length >= kLongest) return kLongest;
  size_t row[kLongest + 1];
  for (size_t j = 0; j <= b_length; ++j) row[j] = j;
  for (size_t i = 1; i <= a_length; ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b_length; ++j) {
      const size_t above = row[j];
      const size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min(replace, std::min(above, row[j - 1]) + 1);
      diagonal = above;
    }
  }
  return row[b_length];
}

const char* nearest_name(const char* name, size_t length) {
  const char* best = kExitReport;
  size_t least = distance(name, length, kExitReport);
  for (const TunableRow& row : kTunableRows) {
    const size_t d = distance(name, length, row.name);
    if (d < least) {
      least = d;
      best = row.name;
    }
  }
  return best;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A decimal number with an optional K, M, G or T (powers of 1024).
bool parse_number(const char* text, size_t length, uint64_t& value) {
  if (length == 0) return false;
  unsigned shift = 0;
  switch (text[length - 1]) {
    case 'k':
    case 'K':
      shift = 10;
      break;
    case 'm':
    case 'M':
      shift = 20;
      break;
    case 'g':
    case 'G':
      shift = 30;
      break;
    case 't':
    case 'T':
      shift = 40;
      break;
    default:
      break;
  }
  if (shift != 0) --length;
  if (length == 0) return false;
  value = 0;
  for (size_t i = 0; i < length; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    if (__builtin_mul_overflow(value, 10U, &value)) return false;
    if (__builtin_add_overflow(value, static_cast<uint64_t>(text[i] - '0'), &value)) return false;
  }
  if (shift != 0 && (value >> (64 - shift)) != 0) return false;
  value <<= shift;
  return true;
}

// The length of "NAME:" in NAME:N, or 0 for a plain name.
size_t counted_prefix(const char* name, size_t length) {
  return length > 2 && name[length - 2] == ':' && name[length - 1] == 'N' ? length - 1 : 0;
}

bool parse_choice(const TunableRow& row, const char* text, size_t length, uint64_t& value) {
  value = 0;
  for (const char* name = row.unit;; ++value) {
    const char* end = std::strchr(name, '|');
    const size_t name_length = end == nullptr ? std::strlen(name) : static_cast<size_t>(end - name);
    const size_t prefix = counted_prefix(name, name_length);
    if (prefix != 0 && length > prefix && std::memcmp(name, text, prefix) == 0) {
      uint64_t count = 0;
      const bool good = parse_number(text + prefix, length - prefix, count) && count >= 1 &&
                        count <= row.greatest - value;
      value += count;
      return good;
    }
    if (prefix == 0 && name_length == length && std::memcmp(name, text, length) == 0) return true;
    if (end == nullptr) return false;
    name = end + 1;
  }
}

bool parse_value(const TunableRow& row, const char* text, size_t length, uint64_t& value) {
  if (row.is_choice()) return parse_choice(row, text, length, value);
  return parse_number(text, length, value) && value >= row.least && value <= row.greatest;
}

void describe_range(const TunableRow& row, Text& out) {
  if (row.is_choice()) {
    out.add("one of ").add(row.unit);
  } else {
    out.number(row.least).add(" to ").number(row.greatest);
    if (std::strcmp(row.unit, "bool") != 0) out.add(" ").add(row.unit);
  }
}

bool valid_exit_report(const char* value, size_t length) {
  if (length == 0) return true;
  if (length < 4) return false;
  if (std::memcmp(value, "text", 4) != 0 && std::memcmp(value, "json", 4) != 0) return false;
  return length == 4 || (value[4] == ':' && length > 5);
}

}  // namespace

bool TunableRow::is_choice() const { return std::strchr(unit, '|') != nullptr; }

const char* origin_name(Origin origin) {
  static constexpr const char* kNames[] = {"default", "program", "file", "environment", "call"};
  return kNames[static_cast<size_t>(origin)];
}

size_t find_tunable(const char* name, size_t length) {
  for (size_t i = 0; i < kTunableCount; ++i) {
    if (equals(name, length, kTunableRows[i].name)) return i;
  }
  return kTunableCount;
}

bool Tunables::set(const char* name, size_t name_length, const char* value, size_t value_length,
                   Origin origin, Text& reason) {
  if (equals(name, name_length, kExitReport)) {
    if (!valid_exit_report(value, value_length) || value_length >= sizeof exit_report_) {
      reason.add("stats_at_exit=")
          .add(value, value_length)
          .add(" is not text[:PATH] or json[:PATH] of at most 255 bytes");
      return false;
    }
    std::memcpy(exit_report_, value, value_length);
    exit_report_[value_length] = '\0';
    return true;
  }
  const size_t row = find_tunable(name, name_length);
  if (row == kTunableCount) {
    reason.add(name, name_length)
        .add(" is not a setting; did you mean ")
        .add(nearest_name(name, name_length))
        .add("?");
    return false;
  }
  uint64_t parsed = 0;
  if (!parse_value(kTunableRows[row], value, value_length, parsed)) {
    reason.add(name, name_length).add("=").add(value, value_length).add(" is not allowed; use ");
    describe_range(kTunableRows[row], reason);
    return false;
  }
  if (origin == Origin::kCall && kTunableRows[row].when == TunableRow::kStart) {
    reason.add(name, name_length).add(" takes effect at start only; set it in TAMARI_CONF");
    return false;
  }
  values_[row].store(parsed, std::memory_order_relaxed);
  origins_[row].store(origin, std::memory_order_relaxed);
  return true;
}

size_t Tunables::parse(const char* text, Origin origin, void (*complain)(const char* reason)) {
  size_t bad = 0;
  while (*text != '\0') {
    while (*text == ',' || is_space(*text)) ++text;
    if (*text == '\0') break;
    size_t length = 0;
    while (text[length] != '\0' && text[length] != ',' && text[length] != '\n') ++length;
    const char* next = text + length;
    while (length > 0 && is_space(text[length - 1])) --length;

    char buffer[512];
    Text reason(buffer, sizeof buffer);
    const auto* equal = static_cast<const char*>(std::memchr(text, '=', length));
    bool good = false;
    if (equal == nullptr) {
      reason.add(text, length).add(" has no value; write key=value,key=value");
    } else {
      const auto name_length = static_cast<size_t>(equal - text);
      good = set(text, name_length, equal + 1, length - name_length - 1, origin, reason);
    }
    if (!good) {
      complain(buffer);
      ++bad;
    }
    text = next;
  }
  return bad;
}

void Tunables::print(size_t row, Text& out) const {
  uint64_t value = values_[row].load(std::memory_order_relaxed);
  if (!kTunableRows[row].is_choice()) {
    out.number(value);
    return;
  }
  const char* name = kTunableRows[row].unit;
  const char* end = std::strchr(name, '|');
  for (; value > 0 && end != nullptr; --value) {
    name = end + 1;
    end = std::strchr(name, '|');
  }
  const size_t length = end == nullptr ? std::strlen(name) : static_cast<size_t>(end - name);
  const size_t prefix = counted_prefix(name, length);
  out.add(name, prefix != 0 ? prefix : length);
  if (prefix != 0) out.number(value);
}

}  // namespace tamari
