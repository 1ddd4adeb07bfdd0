// Preloaded in front of the library: dlsym as tracers wrap it. Each call allocates, also the first
// ones, which may come before the library under it has started.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

void* dlsym(void* restrict object, const char* restrict name) {
  typedef void* Find(void*, const char*);
  static Find* real;
  free(malloc(100));
  if (real == NULL) real = (Find*)dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
  free(malloc(70000));
  return real(object, name);
}
