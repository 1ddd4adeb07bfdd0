#include "pages/arena.h"

#include <algorithm>
#include <bit>

namespace tamari {
namespace {

// Runs of up to 64 pages are aligned by their place in the window (pages/page_heap.cpp).
constexpr size_t kWindowAlignment = 64 * kPageBytes;
constexpr size_t kTableStep = 64 * 1024;        // tables commit at least this much at a time
constexpr size_t kLeastStep = size_t{2} << 20;  // and so, as a rule, does the window,
constexpr size_t kMostStep = size_t{64} << 20;  // or an eighth of what it has, up to this
constexpr size_t kGuardBytes = 64 * 1024;       // never committed, between the tables
constexpr size_t kLeastBatchesPerPage = 8;      // of the smallest OS page
constexpr size_t kFar = size_t{1} << 43;        // from others' mappings
constexpr size_t kMostOwners = size_t{1} << 18;
constexpr size_t kVeryLow = size_t{1} << 32;  // valgrind's mappings lie there

char* align_up(char* address, size_t alignment) {
  return reinterpret_cast<char*>(round_up(reinterpret_cast<uintptr_t>(address), alignment));
}

// Of a mapping that the kernel has placed.
char* place_below(char* mapping, size_t bytes) {
  const auto address = reinterpret_cast<uintptr_t>(mapping);
  const size_t distance = address > 4 * kFar ? kFar : address / 4;
  return bytes < address / 2 ? mapping - distance - bytes : nullptr;
}

// Maps [have, target) of what begins at `base`. Of a fork child the parent's thread may have mapped
// more than it had time to say.
os::Commit commit_more(char* base, size_t have, size_t target, size_t& intended, os::Below below) {
  if (intended > have) os::unreserve(base + have, intended - have);
  intended = target;
  const os::Commit result = os::commit(base + have, target - have, below);
  if (result != os::Commit::kDone) intended = have;
  return result;
}

}  // namespace

bool Table::commit(size_t count) {
  if (count > capacity_) return false;
  const size_t needed = count * entry_bytes_;
  const size_t committed = committed_bytes();
  if (needed <= committed) return true;
  const size_t whole = round_up(capacity_ * entry_bytes_, kTableStep);
  size_t target = std::min(round_up(needed, kTableStep), whole);
  const os::Below below = committed > 0 ? os::Below::kOurs : os::Below::kNotOurs;
  if (commit_more(base_, committed, target, extent_.intended, below) != os::Commit::kDone)
    return false;
  extent_.committed.store(target, std::memory_order_relaxed);
  return true;
}

// Finds `bytes` of address space that nothing lies in, far from where the kernel places the
// mappings of others: from the top down, or from below. Under a limit so much cannot be mapped even
// for a moment. Nor should it be where address space is short: an emulator of user programs keeps a
// record of each page.
char* Arena::find_place(size_t bytes, uint64_t limit) {
  char* mapping = static_cast<char*>(os::reserve(kPageBytes));
  if (mapping != nullptr) os::unreserve(mapping, kPageBytes);
  const auto address = reinterpret_cast<uintptr_t>(mapping);
  if (limit != UINT64_MAX || (address > kVeryLow && address < 4 * kFar))
    return place_below(mapping, bytes);
  for (const size_t distance : {kFar, size_t{0}}) {
    const size_t wanted = distance + bytes + distance;
    char* found = static_cast<char*>(os::reserve(wanted));
    if (found == nullptr) continue;
    return os::unreserve(found, wanted) ? found + distance : place_below(found, bytes);
  }
  return nullptr;
}

bool Arena::place(size_t window_bytes, uint64_t limit, const RecordBytes& records,
                  size_t record_pages) {
  struct Plan {
    Table* table;
    size_t entry_bytes;
    size_t capacity;
    size_t bytes() const { return round_up(entry_bytes * capacity, kTableStep) + kGuardBytes; }
  };
  const size_t pages = window_bytes >> kPageShift;
  const size_t owners = std::clamp(pages / 8, size_t{64}, kMostOwners);
  const Plan plans[] = {
      {&page_owners_, sizeof(uint32_t), pages},
      {&spans_, sizeof(Span), pages},
      {&free_bits_, kBitBytesPerPage, pages},
      {&page_bits_, sizeof(PageBits), pages / 64},
      {&line_owners_, records.line_owners, pages / 8},
      {&batches_, records.batch, pages},
      {&batch_groups_, records.batch_group, pages / kLeastBatchesPerPage + 1},
      {&owners_, records.owner, owners},
      {&forgotten_owners_, sizeof(uint32_t), owners},
      {&block_records_, kRecordsPerPage * sizeof(uint32_t), std::min(record_pages, pages)},
  };
  const size_t places = window_bytes / 16 / kWindowAlignment;
  const size_t room = places * kWindowAlignment;  // and more than the tables need to move
  size_t table_bytes = kGuardBytes;
  for (const Plan& plan : plans) table_bytes += plan.bytes();

  // | room | tables | room | window | room |
  char* base = find_place(4 * room + table_bytes + window_bytes, limit);
  if (base == nullptr) return false;
  const uint64_t random = os::start_info().random;
  window_ = align_up(base + 2 * room + table_bytes + random % places * kWindowAlignment,
                     kWindowAlignment);
  window_pages_ = pages;
  base = align_up(base + room + (random >> 32) % places * kTableStep, kTableStep);
  base += kGuardBytes;
  for (const Plan& plan : plans) {
    plan.table->place(base, plan.entry_bytes, plan.capacity);
    base += plan.bytes();
  }
  return true;
}

bool Arena::init(const RecordBytes& records, os::HugePages huge_pages, size_t record_pages) {
  huge_pages_ = huge_pages;
  const uint64_t limit = os::address_space_limit();
  size_t bytes = limit == UINT64_MAX
                     ? kMaxWindowBytes
                     : std::bit_ceil(std::clamp(size_t{limit}, kMinWindowBytes, kMaxWindowBytes));
  while (!place(bytes, limit, records, record_pages)) {
    bytes /= 2;
    if (bytes < kMinWindowBytes) return false;
  }
  map().init(window_);
  return true;
}

bool Arena::commit_tables(size_t pages) {
  const size_t words = std::min((pages + 63) / 64, window_pages_ / 64);
  const size_t recorded = std::min(round_up(pages, kTilePages), block_records_.capacity());
  return page_owners_.commit(pages) && spans_.commit(pages) && free_bits_.commit(pages) &&
         page_bits_.commit(words) && block_records_.commit(recorded);
}

// The window first: what it is refused would leave its tables behind, a hundredth of it, and they
// count against a limit.
os::Commit Arena::commit_pages(size_t target) {
  const size_t have = committed_pages();
  const size_t bytes = (target - have) << kPageShift;
  const os::Below below = have != growth_.passed ? os::Below::kOurs : os::Below::kNotOurs;
  const os::Commit result =
      commit_more(window_, have << kPageShift, target << kPageShift, growth_.intended, below);
  if (result != os::Commit::kDone) return result;
  if (!commit_tables(target)) {
    if (os::unreserve(address_of(have), bytes)) growth_.intended = have << kPageShift;
    return os::Commit::kRefused;
  }
  os::advise_huge_pages(address_of(have), bytes, huge_pages_);
  set_committed_pages(target);
  return os::Commit::kDone;
}

bool Arena::grow(size_t count) {
  const size_t have = committed_pages();
  if (count <= have) return true;
  if (count > window_pages_) return false;
  // Where every block is checked, no more than that is mapped: a write far off is a fault.
  const size_t least_step = has_block_records(window_pages_ - 1) ? 0 : kLeastStep;
  const size_t step = std::clamp((have << kPageShift) / 8, least_step, kMostStep) >> kPageShift;
  if (commit_pages(std::min(std::max(count, have + step), window_pages_)) == os::Commit::kDone)
    return true;
  const os::Commit result = commit_pages(count);
  if (result == os::Commit::kTaken) pass_foreign();
  return result == os::Commit::kDone;
}

// Commits up to a mapping that is not ours, and a piece in which it lies without the kernel.
void Arena::pass_foreign() {
  constexpr size_t kPiece = kLeastStep >> kPageShift;
  os::Commit result = os::Commit::kDone;
  size_t target = 0;
  while (result == os::Commit::kDone) {
    target = std::min(committed_pages() + kPiece, window_pages_);
    result = commit_pages(target);
  }
  if (result != os::Commit::kTaken || !commit_tables(target)) return;
  for (size_t page = committed_pages(); page < target; ++page)
    page_bits()[page / 64].in_use |= uint64_t{1} << (page % 64);
  growth_.passed = target;
  set_committed_pages(target);
}

void Arena::set_committed_pages(size_t count) {
  __atomic_store_n(&map().page_count, count, __ATOMIC_RELAXED);
  growth_.pages.store(count, std::memory_order_relaxed);
}

bool Arena::remap_fresh(size_t first, size_t pages) {
  char* start = address_of(first);
  const size_t bytes = pages << kPageShift;
  if (!os::remap_fresh(start, bytes)) return false;
  os::advise_huge_pages(start, bytes, huge_pages_);
  return true;
}

void Arena::purge_span_records(size_t first, size_t pages) {
  const size_t mask = os::page_size() - 1;
  for (const Table* table : {&spans_, &free_bits_}) {
    const size_t from = (first * table->entry_bytes() + mask) & ~mask;
    const size_t to = (first + pages) * table->entry_bytes() & ~mask;
    if (from < to) os::purge(table->base() + from, to - from);
  }
}

size_t Arena::metadata_bytes() const {
  size_t total = 0;
  for_each_record_range([&](const void*, size_t bytes) { total += bytes; });
  return total;
}

}  // namespace tamari
