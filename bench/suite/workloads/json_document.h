// A small document format like JSON: a generator that knows what it has written, and a parser that
// builds a tree of ordinary C++ objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/mapped.h"

namespace tamari::bench {

struct DocumentValue {
  enum class Kind { kNumber, kText, kList, kObject };
  Kind kind = Kind::kNumber;
  std::int64_t number = 0;
  std::string text;
  std::vector<std::unique_ptr<DocumentValue>> items;
  std::map<std::string, std::unique_ptr<DocumentValue>> members;
};

// What a document holds: of the generator's and of the parser's making, to be compared.
struct DocumentTotals {
  std::uint64_t values = 0;
  std::int64_t numbers = 0;  // their sum
  std::uint64_t text_bytes = 0;
  bool operator==(const DocumentTotals&) const = default;
};

struct Document {
  explicit Document(std::size_t bytes) : storage(bytes) {}
  MappedArray<char> storage;
  std::size_t length = 0;
  DocumentTotals totals;
  std::string_view text() { return {storage.data(), length}; }
};

// Fills the storage with a list of records, nearly to its end.
void write_document(std::uint64_t seed, Document& document);

// Ends the process if the text is malformed.
std::unique_ptr<DocumentValue> parse_document(std::string_view text);

DocumentTotals add_up(const DocumentValue& value);

}  // namespace tamari::bench
