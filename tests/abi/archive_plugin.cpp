// Linked with libtamari.a into plugins (see archive_plugins.cpp): a guest that brings its malloc.

#include <stdlib.h>
#include <string.h>

#include <thread>

namespace {

void allocate_and_free() {
  void* blocks[2000];
  for (void*& block : blocks) {
    block = malloc(5000);
    memset(block, 1, 5000);
  }
  for (void* block : blocks) free(block);
}

}  // namespace

extern "C" void plugin_use() {
  std::thread(allocate_and_free).join();
  allocate_and_free();
}
