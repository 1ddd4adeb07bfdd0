// The bound of the lanes that never touch their payload: a malloc that does nothing. After a
// program's first blocks, which libc serves, every request gets the same address, and free forgets
// it. What the lane program makes of it no allocator can exceed.
//
//   cc -O2 -shared -fPIC -o nothing.so experiments/nothing.c
//   LD_PRELOAD=./nothing.so bench_random_mixed_mt_remote 16 2000000 400 16 32768 90 4096 0 1

#include <stddef.h>

extern void* __libc_malloc(size_t bytes);
extern void __libc_free(void* block);

enum { kFirstBlocks = 2000, kMost = 32768 };

static char nowhere[kMost];
static __thread unsigned calls;

void* malloc(size_t bytes) {
  if (bytes < 16 || bytes > kMost || ++calls <= kFirstBlocks) return __libc_malloc(bytes);
  return nowhere;
}

void free(void* block) {
  if (block != nowhere) __libc_free(block);
}
