#include "pages/residency.h"

#include <algorithm>
#include <bit>

namespace tamari {
namespace {

constexpr size_t kPagesAtATime = 1024;

size_t count_resident(const unsigned char* pages, size_t count) {
  size_t resident = 0;
  for (size_t i = 0; i < count; ++i) resident += pages[i] & 1;
  return resident;
}

}  // namespace

size_t resident_bytes_of(const void* start, size_t bytes) {
  unsigned char pages[kPagesAtATime];
  const size_t os_page = os::page_size();
  const auto address = reinterpret_cast<uintptr_t>(start);
  const uintptr_t end = round_up(address + bytes, os_page);
  size_t resident = 0;
  for (uintptr_t at = address & ~(os_page - 1); at < end; at += kPagesAtATime * os_page) {
    const size_t length = std::min<size_t>(end - at, kPagesAtATime * os_page);
    if (!os::look_resident(reinterpret_cast<void*>(at), length, pages)) return 0;
    resident += count_resident(pages, length / os_page);
  }
  return resident * os_page;
}

Residency::Residency(Arena& arena)
    : window_bytes_(arena.committed_pages() << kPageShift),
      page_shift_(static_cast<size_t>(std::countr_zero(os::page_size()))),
      map_bytes_(round_up((window_bytes_ >> page_shift_) + 1, os::page_size())),
      pages_(static_cast<unsigned char*>(os::reserve(map_bytes_))),
      known_(pages_ != nullptr && os::unprotect(pages_, map_bytes_) &&
             os::look_resident(arena.address_of(0), window_bytes_, pages_)) {}

Residency::~Residency() {
  if (pages_ != nullptr) os::unreserve(pages_, map_bytes_);
}

size_t Residency::bytes(size_t offset, size_t length) const {
  if (offset >= window_bytes_ || length == 0) return 0;
  const size_t end = std::min(offset + length, window_bytes_);
  const size_t first = offset >> page_shift_;
  const size_t last = (end - 1) >> page_shift_;
  const auto is_resident = [this](size_t page) { return (pages_[page] & 1) != 0; };
  if (first == last) return is_resident(first) ? end - offset : 0;
  size_t bytes = count_resident(pages_ + first, last - first + 1) << page_shift_;
  if (is_resident(first)) bytes -= offset - (first << page_shift_);
  if (is_resident(last)) bytes -= ((last + 1) << page_shift_) - end;
  return bytes;
}

}  // namespace tamari
