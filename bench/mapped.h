// Memory of the harness: straight from the kernel, so that the allocator under test never sees it.
#pragma once

#include <sys/mman.h>

#include <cstddef>

#include "bench/check.h"

namespace tamari::bench {

// An array of zeroed, trivial elements; what is never touched is never resident.
template <typename T>
class MappedArray {
 public:
  explicit MappedArray(std::size_t count) : count_(count == 0 ? 1 : count) {
    void* memory = mmap(nullptr, count_ * sizeof(T), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(memory != MAP_FAILED, "the system maps the harness's own memory");
    items_ = static_cast<T*>(memory);
  }
  ~MappedArray() { munmap(items_, count_ * sizeof(T)); }
  MappedArray(const MappedArray&) = delete;
  MappedArray& operator=(const MappedArray&) = delete;

  T& operator[](std::size_t i) { return items_[i]; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  T* data() { return items_; }
  std::size_t size() const { return count_; }
  T* begin() { return items_; }
  T* end() { return items_ + count_; }

 private:
  T* items_;
  std::size_t count_;
};

}  // namespace tamari::bench
