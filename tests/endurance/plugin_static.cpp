// A plugin that linked the static archive: it brings an allocator of its own.

#include <stdlib.h>
#include <string.h>

#include <thread>

static void allocate_and_free() {
  void* blocks[3000];
  for (void*& block : blocks) {
    block = malloc(5000);
    memset(block, 1, 5000);
  }
  for (void* block : blocks) free(block);
}

extern "C" void plugin_use() {
  std::thread(allocate_and_free).join();
  allocate_and_free();
}
