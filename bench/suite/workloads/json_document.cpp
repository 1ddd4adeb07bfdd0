// See json_document.h.
#include "bench/suite/workloads/json_document.h"

#include <cstdio>
#include <cstring>

#include "bench/check.h"
#include "bench/random.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kLongestRecord = 2048;
constexpr int kDeepest = 64;

class Writer {
 public:
  Writer(std::uint64_t seed, Document& document)
      : random_(seed), document_(document), at_(document.storage.data()) {}

  void write_all() {
    ++document_.totals.values;
    *at_++ = '[';
    char* end = document_.storage.end() - kLongestRecord;
    write_record();
    while (at_ < end) {
      *at_++ = ',';
      write_record();
    }
    *at_++ = ']';
    document_.length = static_cast<std::size_t>(at_ - document_.storage.data());
  }

 private:
  void literal(const char* text) {
    const std::size_t length = std::strlen(text);
    std::memcpy(at_, text, length);
    at_ += length;
  }
  void number() {
    const auto value = static_cast<std::int64_t>(random_.below(2'000'000)) - 1'000'000;
    at_ += std::sprintf(at_, "%lld", static_cast<long long>(value));
    ++document_.totals.values;
    document_.totals.numbers += value;
  }
  void text(std::uint64_t most) {
    const std::uint64_t length = random_.below(most);
    *at_++ = '"';
    for (std::uint64_t i = 0; i < length; ++i) {
      *at_++ = static_cast<char>('a' + random_.below(26));
    }
    *at_++ = '"';
    ++document_.totals.values;
    document_.totals.text_bytes += length;
  }
  void write_record() {
    ++document_.totals.values;
    literal("{\"id\":");
    number();
    literal(",\"name\":");
    text(24);
    literal(",\"description\":");
    text(random_.below(10) == 0 ? 600 : 60);
    literal(",\"position\":");
    numbers(3);
    literal(",\"tags\":");
    tags();
    literal("}");
  }
  void numbers(int count) {
    ++document_.totals.values;
    *at_++ = '[';
    for (int i = 0; i < count; ++i) {
      if (i > 0) *at_++ = ',';
      number();
    }
    *at_++ = ']';
  }
  void tags() {
    ++document_.totals.values;
    *at_++ = '[';
    const std::uint64_t count = random_.below(5);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i > 0) *at_++ = ',';
      text(16);
    }
    *at_++ = ']';
  }

  Random random_;
  Document& document_;
  char* at_;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  std::unique_ptr<DocumentValue> parse_all() {
    auto value = parse(0);
    require(at_ == end_, "a document ends where its value ends");
    return value;
  }

 private:
  using Value = std::unique_ptr<DocumentValue>;

  char peek() const {
    require(at_ < end_, "a document is complete");
    return *at_;
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) { require(take(c), "a document is well-formed"); }

  Value parse(int depth) {
    require(depth < kDeepest, "a document is not too deep");
    auto value = std::make_unique<DocumentValue>();
    switch (peek()) {
      case '{':
        value->kind = DocumentValue::Kind::kObject;
        parse_members(*value, depth);
        break;
      case '[':
        value->kind = DocumentValue::Kind::kList;
        parse_items(*value, depth);
        break;
      case '"':
        value->kind = DocumentValue::Kind::kText;
        value->text = parse_text();
        break;
      default:
        value->number = parse_number();
    }
    return value;
  }
  void parse_members(DocumentValue& value, int depth) {
    expect('{');
    while (!take('}')) {
      std::string name = parse_text();
      expect(':');
      value.members.emplace(std::move(name), parse(depth + 1));
      if (peek() != '}') expect(',');
    }
  }
  void parse_items(DocumentValue& value, int depth) {
    expect('[');
    while (!take(']')) {
      value.items.push_back(parse(depth + 1));
      if (peek() != ']') expect(',');
    }
  }
  std::string parse_text() {
    expect('"');
    std::string text;
    while (!take('"')) text.push_back(*at_++);
    return text;
  }
  std::int64_t parse_number() {
    const bool negative = take('-');
    require(peek() >= '0' && peek() <= '9', "a number has digits");
    std::int64_t number = 0;
    while (peek() >= '0' && peek() <= '9') number = number * 10 + (*at_++ - '0');
    return negative ? -number : number;
  }

  const char* at_;
  const char* end_;
};

void add_to(DocumentTotals& totals, const DocumentValue& value) {
  ++totals.values;
  totals.numbers += value.number;
  totals.text_bytes += value.text.size();
  for (const auto& item : value.items) add_to(totals, *item);
  for (const auto& [name, member] : value.members) add_to(totals, *member);
}

}  // namespace

void write_document(std::uint64_t seed, Document& document) { Writer(seed, document).write_all(); }

std::unique_ptr<DocumentValue> parse_document(std::string_view text) {
  return Parser(text).parse_all();
}

DocumentTotals add_up(const DocumentValue& value) {
  DocumentTotals totals;
  add_to(totals, value);
  return totals;
}

}  // namespace tamari::bench
