// Linked into every program: the failure count, and proof that the library under test owns malloc.
// ld.so only warns when a preload fails, and a test that then ran on glibc would pass for nothing.

#define _GNU_SOURCE  // dladdr
#include <dlfcn.h>
#include <stdlib.h>

#include "expect.h"

int expect_failures;

static int library_required;

int expect_library(void) { return library_required; }

__attribute__((constructor)) static void check_owner(void) {
  const char* wanted = getenv("TAMARI_TEST_OWNER");
  if (wanted == NULL) return;
  library_required = 1;
  Dl_info info;
  void* entry = dlsym(RTLD_DEFAULT, "malloc");
  REQUIRE(entry != NULL && dladdr(entry, &info) != 0 && info.dli_fname != NULL);
  REQUIRE(strstr(info.dli_fname, wanted) != NULL);
}
