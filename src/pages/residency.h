// residency.h - which OS pages are in memory, as mincore(2) says: no file is opened, nothing is
// allocated. (A page that was only read, never written, counts, although the kernel's own figure
// leaves it out: both are the same page of zeros.)
#pragma once

#include <cstddef>

#include "pages/arena.h"

namespace tamari {

// Of any range that is mapped; 0 when the kernel does not say.
size_t resident_bytes_of(const void* start, size_t bytes);

// Of the committed part of the window, at one moment: one byte per OS page, in a mapping of its own
// that goes with the object.
class Residency {
 public:
  explicit Residency(Arena& arena);
  ~Residency();
  Residency(const Residency&) = delete;
  Residency& operator=(const Residency&) = delete;

  // False when the kernel does not say, or has no memory for the answer.
  bool is_known() const { return known_; }

  // Resident bytes of a range of the window.
  size_t bytes(size_t offset, size_t length) const;

 private:
  size_t window_bytes_;
  size_t page_shift_;
  size_t map_bytes_;
  unsigned char* pages_;  // the lowest bit counts
  bool known_;
};

}  // namespace tamari
