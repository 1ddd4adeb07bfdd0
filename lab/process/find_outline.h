// Finds out what the library in another process says of itself (src/heap/outline.h).
#pragma once

#include "lab/process/process_memory.h"
#include "src/heap/outline.h"

namespace tamari::lab {

// Of the library that serves the process's malloc. A CommandError if none does, or if it is of a
// version that is not understood here. The pointers are addresses over there.
Outline find_outline(const ProcessMemory& memory);

inline std::uint64_t address_of(const void* there) {
  return reinterpret_cast<std::uintptr_t>(there);
}

}  // namespace tamari::lab
