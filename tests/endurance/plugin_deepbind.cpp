// Opened with RTLD_DEEPBIND its malloc is libc's: blocks that the program's free does not know.

#include <stdlib.h>
#include <string.h>

// Not strdup: inside libc, malloc is the program's even so.
extern "C" char* plugin_duplicate(const char* text) {
  return strcpy(static_cast<char*>(malloc(strlen(text) + 1)), text);
}
extern "C" void plugin_free(void* block) { free(block); }
