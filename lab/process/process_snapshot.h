// A snapshot (lab/snapshot.h) of a process that runs and has written none.
#pragma once

#include <sys/types.h>

#include "lab/snapshot.h"

namespace tamari::lab {

// A CommandError says why there is none: no such process, no permission, not under tamari or under
// one of a version that is not understood, or ended meanwhile.
Snapshot snapshot_of_process(pid_t pid);

}  // namespace tamari::lab
