#include "pages/arena.h"

#include <algorithm>
#include <bit>

namespace tamari {
namespace {

// Runs of up to 64 pages are aligned by their place in the window (pages/page_heap.cpp).
constexpr size_t kWindowAlignment = 64 * kPageBytes;
constexpr size_t kTableStep = 64 * 1024;        // tables commit at least this much at a time
constexpr size_t kLeastStep = size_t{2} << 20;  // and so does the window,
constexpr size_t kMostStep = size_t{64} << 20;  // or an eighth of what it has, up to this
constexpr size_t kGuardBytes = 64 * 1024;       // never committed, between the tables
constexpr size_t kLeastBatchesPerPage = 8;      // of the smallest OS page
constexpr size_t kMostOwners = size_t{1} << 18;

char* align_up(char* address, size_t alignment) {
  return reinterpret_cast<char*>(round_up(reinterpret_cast<uintptr_t>(address), alignment));
}

// Among how many the window's place, and the tables', are drawn.
size_t places_for(size_t window_bytes) { return window_bytes / 16 / kWindowAlignment; }

}  // namespace

bool Table::commit(size_t count) {
  if (count > capacity_) return false;
  const size_t needed = count * entry_bytes_;
  const size_t committed = committed_bytes();
  if (needed <= committed) return true;
  const size_t whole = round_up(capacity_ * entry_bytes_, kTableStep);
  size_t target = std::min(round_up(needed, kTableStep), whole);
  if (!os::commit(base_ + committed, target - committed)) return false;
  committed_.store(target, std::memory_order_relaxed);
  return true;
}

bool Arena::place_window(size_t window_bytes, bool reserved) {
  // Reserve with room to move; in the limited case this only finds a free address range.
  const size_t places = places_for(window_bytes);
  const size_t room = places * kWindowAlignment;
  const size_t move = os::start_info().random % places * kWindowAlignment;
  char* found =
      static_cast<char*>(os::reserve(nullptr, reserved ? window_bytes + room : kPageBytes, false));
  if (found == nullptr) return false;
  if (reserved) {
    window_ = align_up(found + move, kWindowAlignment);
    os::unreserve(found, static_cast<size_t>(window_ - found));
    char* end = window_ + window_bytes;
    os::unreserve(end, static_cast<size_t>(found + window_bytes + room - end));
    os::advise_huge_pages(window_, window_bytes, huge_pages_);
  } else {
    // Far below the mappings that the kernel places from the top down.
    os::unreserve(found, kPageBytes);
    constexpr size_t kFar = size_t{1} << 40;
    const auto address = reinterpret_cast<uintptr_t>(found);
    const uintptr_t distance = address > 4 * kFar ? kFar : address / 4;
    window_ = reinterpret_cast<char*>((address - distance - move - window_bytes) &
                                      ~(kWindowAlignment - 1));
  }
  window_pages_ = window_bytes >> kPageShift;
  reserved_ = reserved;
  return true;
}

bool Arena::place_tables(const RecordBytes& bytes, size_t record_pages) {
  struct Plan {
    Table* table;
    size_t entry_bytes;
    size_t capacity;
  };
  const size_t owners = std::clamp(window_pages_ / 8, size_t{64}, kMostOwners);
  const Plan plans[] = {
      {&page_owners_, sizeof(uint32_t), window_pages_},
      {&spans_, sizeof(Span), window_pages_},
      {&free_bits_, kBitBytesPerPage, window_pages_},
      {&page_bits_, sizeof(PageBits), window_pages_ / 64},
      {&line_owners_, bytes.line_owners, window_pages_ / 8},
      {&batches_, bytes.batch, window_pages_},
      {&batch_groups_, bytes.batch_group, window_pages_ / kLeastBatchesPerPage + 1},
      {&owners_, bytes.owner, owners},
      {&forgotten_owners_, sizeof(uint32_t), owners},
      {&block_records_, kRecordsPerPage * sizeof(uint32_t), std::min(record_pages, window_pages_)},
  };
  // A limit on address space is not spent on room to move.
  const size_t places = reserved_ ? places_for(window_pages_ << kPageShift) : 1;
  const size_t move = (os::start_info().random >> 32) % places * kTableStep;
  size_t total = places * kTableStep + kGuardBytes;
  for (const Plan& plan : plans)
    total += round_up(plan.entry_bytes * plan.capacity, kTableStep) + kGuardBytes;
  char* base = static_cast<char*>(os::reserve(nullptr, total, false));
  if (base == nullptr) return false;
  base += move + kGuardBytes;
  for (const Plan& plan : plans) {
    plan.table->place(base, plan.entry_bytes, plan.capacity);
    base += round_up(plan.entry_bytes * plan.capacity, kTableStep) + kGuardBytes;
  }
  return true;
}

bool Arena::init(const RecordBytes& records, os::HugePages huge_pages, size_t record_pages) {
  huge_pages_ = huge_pages;
  const uint64_t limit = os::address_space_limit();
  bool placed = false;
  if (limit == UINT64_MAX) {
    for (size_t bytes = kMaxWindowBytes; !placed && bytes >= kMinWindowBytes; bytes /= 2) {
      placed = place_window(bytes, true) && place_tables(records, record_pages);
      if (!placed && window_ != nullptr) {
        os::unreserve(window_, bytes);
        window_ = nullptr;
      }
    }
  } else {
    const size_t bytes = std::bit_ceil(std::clamp(size_t{limit}, kMinWindowBytes, kMaxWindowBytes));
    placed = place_window(bytes, false) && place_tables(records, record_pages);
  }
  if (!placed) return false;
  map().init(window_);
  return true;
}

bool Arena::commit_window(size_t from, size_t to) {
  char* start = window_ + (from << kPageShift);
  const size_t bytes = (to - from) << kPageShift;
  // What is reserved counts from the start, so that a limit set since then would not be felt here.
  if (reserved_ && (to << kPageShift) > os::address_space_limit()) return false;
  if (!reserved_ && os::reserve(start, bytes, true) == nullptr) return false;
  if (os::commit(start, bytes)) {
    if (!reserved_) os::advise_huge_pages(start, bytes, huge_pages_);
    return true;
  }
  if (!reserved_) os::unreserve(start, bytes);
  return false;
}

bool Arena::grow(size_t count) {
  const size_t have = committed_pages();
  if (count <= have) return true;
  if (count > window_pages_) return false;
  const size_t step = std::clamp((have << kPageShift) / 8, kLeastStep, kMostStep) >> kPageShift;
  for (size_t target : {std::min(std::max(count, have + step), window_pages_), count}) {
    const size_t words = (target + 63) / 64;
    const bool tables =
        page_owners_.commit(target) && spans_.commit(target) && free_bits_.commit(target) &&
        page_bits_.commit(std::min(words, window_pages_ / 64)) &&
        block_records_.commit(std::min(round_up(target, kTilePages), block_records_.capacity()));
    if (tables && commit_window(have, target)) {
      __atomic_store_n(&map().page_count, target, __ATOMIC_RELAXED);
      growth_.pages.store(target, std::memory_order_relaxed);
      return true;
    }
  }
  return false;
}

bool Arena::remap_fresh(size_t first, size_t pages) {
  char* start = address_of(first);
  const size_t bytes = pages << kPageShift;
  if (!os::remap_fresh(start, bytes)) return false;
  os::advise_huge_pages(start, bytes, huge_pages_);
  return true;
}

size_t Arena::metadata_bytes() const {
  size_t total = 0;
  for_each_record_range([&](const void*, size_t bytes) { total += bytes; });
  return total;
}

}  // namespace tamari
