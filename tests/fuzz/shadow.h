// shadow.h - who owns each 16 bytes of the address space: one number for each, 0 for nobody. Blocks
// that overlap show up at once, whichever threads they belong to, and no lock orders these: a lock
// would hide races of the allocator. Its memory comes from mmap, not from the malloc under test.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "../abi/process.h"

namespace fuzz {

class Shadow {
 public:
  // Hands what [start, start + bytes) covers from one owner to another; false where it met a third.
  bool pass(const char* start, size_t bytes, uint32_t from, uint32_t to) {
    uintptr_t granule = reinterpret_cast<uintptr_t>(start) / kGranule;
    const uintptr_t end = (reinterpret_cast<uintptr_t>(start) + bytes + kGranule - 1) / kGranule;
    bool good = true;
    while (bytes != 0 && granule < end) {
      const uintptr_t region_end = (granule / kRegionCells + 1) * kRegionCells;
      Cell* cell = cells_at(granule);
      for (; granule < end && granule < region_end; ++granule, ++cell) {
        // Not one exchange: of two that come at once, the second to go meets the first's number.
        good &= cell->load(std::memory_order_relaxed) == from;
        cell->store(to, std::memory_order_relaxed);
      }
    }
    return good;
  }

 private:
  using Cell = std::atomic<uint32_t>;
  static constexpr size_t kGranule = 16;
  static constexpr size_t kRegionCells = size_t{1} << 26;  // 1 GiB of addresses
  static constexpr size_t kRegions = size_t{1} << 17;      // 47 bits

  Cell* cells_at(uintptr_t granule) {
    std::atomic<Cell*>& region = regions_[granule / kRegionCells];
    Cell* cells = region.load(std::memory_order_acquire);
    if (cells == nullptr) cells = add_region(region);
    return cells + granule % kRegionCells;
  }

  static Cell* add_region(std::atomic<Cell*>& region) {
    Cell* fresh = map_table<Cell>(kRegionCells);
    Cell* already = nullptr;
    if (region.compare_exchange_strong(already, fresh, std::memory_order_acq_rel)) return fresh;
    munmap(fresh, kRegionCells * sizeof(Cell));
    return already;
  }

  std::atomic<Cell*> regions_[kRegions] = {};
};

}  // namespace fuzz
