// A thread that works and rests in turn, as a game or a server under light load does: the timer
// must not go on looking at it every 20 ms for ever because each look finds something in its cache.

#include <dlfcn.h>
#include <stdint.h>

#include <vector>

#include "process.h"

namespace {

uint64_t counter(const char* name) {
  using Counter = int(const char*, uint64_t*);
  static Counter* const read = reinterpret_cast<Counter*>(dlsym(RTLD_DEFAULT, "tamari_counter"));
  uint64_t value = 0;
  REQUIRE(read != nullptr && read(name, &value) == 0);
  return value;
}

// A frame's blocks: more than the timer calls worth a hurried look.
void work() {
  std::vector<void*> blocks;
  for (size_t size = 500; size < 20000; size *= 2) {
    for (int i = 0; i < 60; ++i) blocks.push_back(opaque(malloc(size)));
  }
  for (void* block : blocks) free(block);
}

void work_and_rest(double seconds) {
  for (const double end = seconds_now() + seconds; seconds_now() < end; sleep_ms(30)) work();
}

}  // namespace

int main() {
  std::vector<void*> grown(2000);
  for (void*& block : grown) block = opaque(malloc(30000));
  work_and_rest(3);
  const uint64_t before = counter("background_ticks");
  work_and_rest(1);
  // Four in a second are its pace; 50 it makes in a hurry.
  EXPECT_AT_MOST(static_cast<long>(counter("background_ticks") - before), 10L);
  for (void* block : grown) free(block);
  return expect_status();
}
