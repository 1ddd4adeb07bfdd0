// Blocks that prove they are intact. A block carries its size, an id and a last byte derived from
// both; a ledger adds up the ids made and the ids released. A block overwritten, handed out twice
// or lost shows in the block or in the sums.
//
//   | size: 32 bits | id: 32 bits | payload ... | last byte |
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tamari::bench {

inline constexpr std::size_t kLeastBlock = 9;

// Writes header, payload and last byte: all of a small block; of a larger one the first KiB and a
// byte a page, as of a buffer that is partly filled.
void stamp(void* block, std::size_t bytes, std::uint32_t id);

// Ends the process if the stamp is not what stamp() wrote. Returns the id.
std::uint32_t verify(const void* block);

std::size_t stamped_size(const void* block);

// Of one thread.
class Ledger {
 public:
  // malloc and a stamp; `bytes` is at least kLeastBlock.
  void* make(std::size_t bytes);
  // Verifies and frees; null is fine.
  void release(void* block);
  // For a block that came from elsewhere than malloc.
  void note_made(void* block, std::size_t bytes);

  std::uint64_t ops() const { return made_ + released_; }

 private:
  friend class Accounts;
  std::uint64_t made_ = 0;
  std::uint64_t made_ids_ = 0;
  std::uint64_t released_ = 0;
  std::uint64_t released_ids_ = 0;
};

// The sums over all threads.
class Accounts {
 public:
  void add(const Ledger& ledger);
  // Ends the process unless every block made was released, once.
  void require_balance() const;
  std::uint64_t ops() const { return made_.load() + released_.load(); }
  // Ids released: depends on the work alone.
  std::uint64_t checksum() const { return released_ids_.load(); }

 private:
  std::atomic<std::uint64_t> made_{0};
  std::atomic<std::uint64_t> made_ids_{0};
  std::atomic<std::uint64_t> released_{0};
  std::atomic<std::uint64_t> released_ids_{0};
};

}  // namespace tamari::bench
