// A thread gives up its cache (heap/heap.cpp:on_thread_exit). After each instruction up to the
// first call, a signal handler allocates: it interrupts neither malloc nor free. What destructors
// of the thread allocate after that, works.

#include <pthread.h>
#include <stdlib.h>

#include "every_step.h"

namespace {

pthread_key_t key;
long wanted, steps, handled;
int round;

void use_heap() {
  for (size_t size = 16; size <= 1 << 20; size *= 2) {
    char* block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr);
    memset(block, 1, size);
    free(block);
  }
}

bool allocate_at_step() {
  constexpr unsigned char kCall = 0xE8;
  if (*EveryStep::instruction() == kCall) return true;
  if (steps++ == wanted) {
    use_heap();
    ++handled;
  }
  return false;
}

// The library's own destructor comes before it in each round, and gives up the cache in the second.
void destroy(void*) {
  if (++round == 1) {
    REQUIRE(pthread_setspecific(key, &key) == 0);
    EveryStep::start(allocate_at_step);
  } else {
    EveryStep::stop();
    use_heap();
  }
}

void* work(void*) {
  for (int i = 0; i < 100; ++i) use_heap();  // it has a cache now
  REQUIRE(pthread_setspecific(key, &key) == 0);
  return nullptr;
}

}  // namespace

int main() {
  use_heap();  // the library's key is older
  REQUIRE(pthread_key_create(&key, destroy) == 0);
  for (wanted = 0; wanted == handled; ++wanted) {
    steps = round = 0;
    pthread_t thread;
    REQUIRE(pthread_create(&thread, nullptr, work, nullptr) == 0);
    REQUIRE(pthread_join(thread, nullptr) == 0);
    EXPECT(round == 2);
    if (!expect_library()) break;
  }
  at_least("instructions after which a handler allocated", static_cast<double>(handled), 8, "");
  return expect_status();
}
