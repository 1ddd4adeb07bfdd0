// preload.cpp - the library's own start and end.
#include "heap/heap.h"
#include "heap/statistics.h"

namespace {

// Most programs have allocated long before: the dynamic loader does. What had to wait happens here.
__attribute__((constructor(101))) void on_load() { tamari::finish_start(); }

// Runs after the program's own destructors, which may still allocate; so may whatever comes later.
__attribute__((destructor(101))) void on_exit() { tamari::report_at_exit(); }

}  // namespace
