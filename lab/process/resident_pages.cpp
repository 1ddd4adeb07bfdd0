// See resident_pages.h.
#include "lab/process/resident_pages.h"

#include <algorithm>

namespace tamari::lab {

ResidentPages::ResidentPages(const ProcessMemory& memory, std::uint64_t start, std::size_t bytes)
    : start_(start / os_page_bytes() * os_page_bytes()) {
  for (const ProcessMemory::PageState& page : memory.page_states(start, bytes)) {
    before_.push_back(before_.back() + (page.resident ? 1 : 0));
  }
}

// Resident bytes below an address.
std::uint64_t ResidentPages::below(std::uint64_t address) const {
  const std::size_t os_page = os_page_bytes();
  const std::uint64_t pages = before_.size() - 1;
  const std::uint64_t offset =
      std::min(address - std::min(address, start_), pages * std::uint64_t{os_page});
  const std::uint64_t page = offset / os_page;
  const std::uint64_t whole = before_[page] * os_page;
  const bool resident = page < pages && before_[page + 1] != before_[page];
  return whole + (resident ? offset % os_page : 0);
}

std::uint64_t ResidentPages::bytes(std::uint64_t from, std::uint64_t length) const {
  return below(from + length) - below(from);
}

std::uint64_t ResidentPages::bytes() const { return before_.back() * os_page_bytes(); }

}  // namespace tamari::lab
