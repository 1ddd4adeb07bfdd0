// An allocator of a known slowness: glibc's, after SPINS turns of an empty loop in each malloc.
#include "../glibc_family.h"

static void before_malloc() {
  for (int i = 0; i < SPINS; ++i) asm volatile("");
}
