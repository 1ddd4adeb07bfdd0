// A C program that links neither libstdc++ nor threads runs, and the library does not bring
// libstdc++ in by itself.

#include <stdlib.h>

#include "expect.h"

static int is_mapped(const char* name) {
  char line[512];
  int found = 0;
  FILE* maps = fopen("/proc/self/maps", "re");
  REQUIRE(maps != NULL);
  while (fgets(line, sizeof line, maps) != NULL) found |= strstr(line, name) != NULL;
  fclose(maps);
  return found;
}

int main(void) {
  char* blocks[64];
  for (int i = 0; i < 64; ++i) {
    blocks[i] = malloc((size_t)1 << (i % 22));
    REQUIRE(blocks[i] != NULL);
    blocks[i][0] = (char)i;
  }
  for (int i = 0; i < 64; ++i) {
    EXPECT(blocks[i][0] == (char)i);
    free(blocks[i]);
  }
  EXPECT(is_mapped("libc.so.6"));
  EXPECT(!is_mapped("libstdc++"));
  return expect_status();
}
