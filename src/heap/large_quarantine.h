// large_quarantine.h - where freed large blocks wait, inaccessible, while blocks are checked
// (heap/checked.h): whoever uses one faults at once. Bounded in blocks and bytes; the oldest leave.
// Any thread; a signal handler that finds its own thread inside keeps nothing back.
#pragma once

#include "heap/allocate.h"
#include "platform/lock.h"

namespace tamari {

// Takes a run that release_large() takes later. All of it is inaccessible.
void quarantine_large(LargeRun run);
// All that waits is released. False if nothing did.
bool empty_large_quarantine();
size_t large_quarantine_bytes();
// In a fork child.
void reset_large_quarantine_after_fork(Whose whose);

}  // namespace tamari
