// span.h - the out-of-line record of a run of pages that holds blocks of one size class, or one
// large block. There is one record slot per page; a span uses the slot of its first page, so no
// table leads from page to span: spans are aligned to their power-of-two size. Owned by the central
// list that has it (whose lock guards every field; some are looked at without it, as hints), or by
// the large-block code.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "config/geometry.h"
#include "platform/compiler.h"

namespace tamari {

constexpr uint32_t kNoPage = UINT32_MAX;

struct alignas(TAMARI_APART) Span {
  static constexpr size_t kInlineWords = 12;

  uint32_t previous;  // first pages of the neighbours in the central list's bucket, or kNoPage
  uint32_t next;
  union {
    uint32_t free_count;   // bits set; 0: the span is in no bucket
    uint32_t guard_pages;  // before a large block; one more lies behind it
  };
  uint32_t page_count;
  std::atomic<uint16_t> list;  // the central list that has it (central/central_lists.h), or kNoList
  uint16_t first_word;         // no free bit is set before this word
  uint16_t next_bucket_at;  // the free count that takes it into another bucket, or makes it whole
  uint8_t bucket;
  std::atomic<uint8_t> flags;
  union {
    size_t large_bytes;    // a large block: bytes asked for, rounded up to OS pages
    uint32_t line_owners;  // the record of who owns which of its lines; 0: none, all are one's
    uint32_t untouched;    // blocks of OS pages: from here on they were never taken, and are zero
  };
  uint64_t inline_bits[kInlineWords];

  static constexpr uint16_t kNoList = 0;

  // Blocks came back since the last tick; or since before it: their pages may be purged.
  static constexpr uint8_t kTouched = 1;
  static constexpr uint8_t kAged = 2;
};
static_assert(sizeof(Span) == TAMARI_APART);

// Blocks of the smallest classes have up to 4096 bits a page: they live in a table of their own.
constexpr size_t kBitBytesPerPage = kPageBytes / kMinAlignment / 8;

}  // namespace tamari
