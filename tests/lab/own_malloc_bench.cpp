// Linked into the benchmark program: a malloc of its own, so that a preloaded one comes second.
#include "glibc_family.h"

static void before_malloc() {}
