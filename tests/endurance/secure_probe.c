/* Linked to the library, as a set-uid program would be (the loader ignores the preload of those).
 * Prints whether the process is one, and a setting in force. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "tamari/tamari.h"

int main(void) {
  char value[32];
  free(malloc(100));
  tamari_get("decay_ms", value, sizeof value);
  printf("%s %s\n", getauxval(AT_SECURE) ? "secure" : "plain", value);
  return 0;
}
