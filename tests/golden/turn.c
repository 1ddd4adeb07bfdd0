// One loop over one pair of calls, COUNT times: what tests/golden/hot_path.py counts under
// callgrind. Usage: turn CASE SIZE COUNT
//
// A turn of the loops that allocate and free: move the size, call, store to a volatile, load from
// it, call, count down. Calls go through the PLT, as in any program.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// operator new(unsigned long) and operator delete(void*), by their names in the C++ ABI.
void* _Znwm(size_t size);
void _ZdlPv(void* block);

static void* volatile kept;

static void malloc_free(size_t size, long count) {
  for (; count > 0; --count) {
    kept = malloc(size);
    free(kept);
  }
}

static void calloc_free(size_t size, long count) {
  for (; count > 0; --count) {
    kept = calloc(1, size);
    free(kept);
  }
}

static void new_delete(size_t size, long count) {
  for (; count > 0; --count) {
    kept = _Znwm(size);
    _ZdlPv(kept);
  }
}

static void free_null(size_t size, long count) {
  (void)size;
  kept = NULL;
  for (; count > 0; --count) free(kept);
}

// The size stays the same, so the block stays where it is.
static void realloc_same(size_t size, long count) {
  kept = malloc(size);
  for (; count > 0; --count) kept = realloc(kept, size);
}

// A string that grows moves, with what it holds.
static void realloc_grow(size_t size, long count) {
  for (; count > 0; --count) {
    kept = realloc(malloc(size), size + size / 2);
    free(kept);
  }
}

// As programs do that keep account of their memory.
static void usable_size(size_t size, long count) {
  for (; count > 0; --count) {
    kept = malloc(size);
    if (malloc_usable_size(kept) < size) return;
    free(kept);
  }
}

static const struct Case {
  const char* name;
  void (*run)(size_t size, long count);
} cases[] = {
    {"malloc_free", malloc_free},   {"calloc_free", calloc_free},   {"new_delete", new_delete},
    {"free_null", free_null},       {"realloc_same", realloc_same}, {"usable_size", usable_size},
    {"realloc_grow", realloc_grow},
};

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    if (strcmp(argv[1], cases[i].name) != 0) continue;
    cases[i].run(strtoul(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
    return 0;
  }
  fprintf(stderr, "turn: no case %s\n", argv[1]);
  return 2;
}
