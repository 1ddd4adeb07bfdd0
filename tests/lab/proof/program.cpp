// Under test in the proof of the slowdown: nothing but malloc and free.
#include <cstdlib>

int main() {
  constexpr int kBlocks = 200;
  constexpr std::size_t kSize = 64;
  for (int i = 0; i < kBlocks; ++i) {
    void* volatile block = std::malloc(kSize);
    std::free(block);
  }
  return 0;
}
