// The program that conf.py starts: frees across threads, so that counters move, and says that it
// got to main.

#include <thread>
#include <vector>

#include "process.h"

int main() {
  std::vector<void*> blocks(5000);
  std::thread([&] {
    for (void*& block : blocks) block = malloc(200);
  }).join();
  for (void* block : blocks) free(opaque(block));
  puts("in main");
  return expect_status();
}
