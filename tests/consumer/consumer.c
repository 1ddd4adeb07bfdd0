// A program that links tamari: malloc must come from the object that holds tamari_version.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tamari/tamari.h>

static const void* home_of(const void* function) {
  Dl_info info;
  return dladdr(function, &info) ? info.dli_fbase : NULL;
}

int main(void) {
  const char* version = tamari_version();
  char* copy = malloc(strlen(version) + 1);
  if (copy == NULL) return 1;
  puts(strcpy(copy, version));
  free(copy);

  const void* home = home_of((const void*)tamari_version);
  return home != NULL && home == home_of((const void*)malloc) ? 0 : 2;
}
