// The layers of resident memory of another process, from its allocator's records. The counterpart,
// from within, is src/heap/layers.cpp.
#pragma once

#include "lab/process/process_memory.h"
#include "lab/snapshot.h"
#include "src/heap/outline.h"

namespace tamari::lab {

// `checks_all`: it runs under check=all. What moves meanwhile may be counted in two layers or in
// none.
Snapshot::Layers layers_of_process(const ProcessMemory& memory, const Outline& outline,
                                   bool checks_all);

}  // namespace tamari::lab
