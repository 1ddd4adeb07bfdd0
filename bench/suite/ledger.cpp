// See ledger.h.
#include "bench/suite/ledger.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "bench/check.h"

namespace tamari::bench {
namespace {

constexpr std::size_t kFilledWhole = 1024;
constexpr std::size_t kPage = 4096;

struct Header {
  std::uint32_t bytes;
  std::uint32_t id;
};

unsigned char tail_of(const Header& header) {
  return static_cast<unsigned char>((header.bytes ^ header.id) * 0x9e3779b1U >> 24);
}

Header header_of(const void* block) {
  Header header;
  std::memcpy(&header, block, sizeof header);
  return header;
}

}  // namespace

void stamp(void* block, std::size_t bytes, std::uint32_t id) {
  const Header header{static_cast<std::uint32_t>(bytes), id};
  const unsigned char tail = tail_of(header);
  auto* at = static_cast<unsigned char*>(block);
  std::memset(at, tail, std::min(bytes, kFilledWhole));
  for (std::size_t i = kPage; i < bytes; i += kPage) at[i] = tail;
  std::memcpy(at, &header, sizeof header);
  at[bytes - 1] = tail;
}

std::uint32_t verify(const void* block) {
  const Header header = header_of(block);
  const auto* at = static_cast<const unsigned char*>(block);
  require(header.bytes >= kLeastBlock, "a block's header is intact");
  require(at[header.bytes - 1] == tail_of(header), "a block's last byte is intact");
  return header.id;
}

std::size_t stamped_size(const void* block) { return header_of(block).bytes; }

void Ledger::note_made(void* block, std::size_t bytes) {
  require(block != nullptr, "the allocator has memory");
  const auto id = static_cast<std::uint32_t>(++made_);
  made_ids_ += id;
  stamp(block, bytes, id);
}

void* Ledger::make(std::size_t bytes) {
  void* block = std::malloc(bytes);
  note_made(block, bytes);
  return block;
}

void Ledger::release(void* block) {
  if (block == nullptr) return;
  ++released_;
  released_ids_ += verify(block);
  std::free(block);
}

void Accounts::add(const Ledger& ledger) {
  made_ += ledger.made_;
  made_ids_ += ledger.made_ids_;
  released_ += ledger.released_;
  released_ids_ += ledger.released_ids_;
}

void Accounts::require_balance() const {
  require(made_ == released_, "as many blocks were released as made");
  require(made_ids_ == released_ids_, "the blocks released are those that were made");
}

}  // namespace tamari::bench
