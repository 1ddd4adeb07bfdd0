// Which OS pages of a range of another process are resident, and how many bytes of a part of it
// are.
#pragma once

#include <cstdint>
#include <vector>

#include "lab/process/process_memory.h"

namespace tamari::lab {

class ResidentPages {
 public:
  ResidentPages(const ProcessMemory& memory, std::uint64_t start, std::size_t bytes);

  // Of a range; what of it lies outside counts nothing.
  std::uint64_t bytes(std::uint64_t from, std::uint64_t length) const;
  std::uint64_t bytes() const;

 private:
  std::uint64_t below(std::uint64_t address) const;

  std::uint64_t start_;                      // of an OS page
  std::vector<std::uint64_t> before_ = {0};  // resident pages before each page, and in all
};

}  // namespace tamari::lab
