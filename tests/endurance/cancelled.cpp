// Threads cancelled between their allocator calls, with a cancel pending through the slowest of
// them, and with blocks that cleanup handlers and destructors free. No call of the allocator is a
// cancellation point, and nothing stays behind.

#include <malloc.h>
#include <pthread.h>

#include <atomic>

#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr int kThreads = 2000;

pthread_key_t key;
std::atomic<long> cleaned, keyed, cut_short;

struct Held {
  char* blocks[32];
};

void free_held(void* held) {
  for (char* block : static_cast<Held*>(held)->blocks) free(block);
  free(malloc(5000));
  ++cleaned;
}

void free_value(void* value) {
  free(value);
  free(malloc(300));
  ++keyed;
}

// All the calls, slow ones among them. Not to be cut short by the pending cancel.
void call_everything(Random& random) {
  ++cut_short;
  void* large = malloc(3 * kMiB);
  large = realloc(large, 9 * kMiB);
  free(large);
  void* blocks[200];
  for (void*& block : blocks) block = calloc(1, mixed_size(random));
  for (void* block : blocks) free(block);
  if (random.below(50) == 0) malloc_trim(0);
  --cut_short;
}

void* body(void* number) {
  Random random(reinterpret_cast<size_t>(number) + 1);
  Held held = {};
  pthread_setspecific(key, malloc(100));
  pthread_cleanup_push(free_held, &held);
  for (;;) {
    char*& slot = held.blocks[random.below(32)];
    free(slot);
    slot = static_cast<char*>(malloc(mixed_size(random)));
    if (random.below(8) == 0) call_everything(random);
    pthread_testcancel();
  }
  pthread_cleanup_pop(1);
  return nullptr;
}

void run(int first, int last) {
  constexpr int kAtOnce = 4;
  for (int i = first; i < last; i += kAtOnce) {
    pthread_t threads[kAtOnce];
    for (int t = 0; t < kAtOnce; ++t) {
      void* number = reinterpret_cast<void*>(static_cast<size_t>(i + t));
      REQUIRE(pthread_create(&threads[t], nullptr, body, number) == 0);
    }
    const timespec moment = {0, 1000L * (i % 500)};  // up to half a millisecond
    nanosleep(&moment, nullptr);
    for (pthread_t thread : threads) pthread_cancel(thread);
    for (pthread_t thread : threads) {
      void* result = nullptr;
      pthread_join(thread, &result);
      EXPECT(result == PTHREAD_CANCELED);
    }
  }
}

}  // namespace

int main() {
  REQUIRE(pthread_key_create(&key, free_value) == 0);
  run(0, kThreads);
  const long warm = resident_after(2);
  run(0, kThreads);
  at_most("allocator calls cut short", static_cast<double>(cut_short), 0, "calls");
  at_least("cleanup handlers run", static_cast<double>(cleaned), kThreads * 2.0, "handlers");
  at_most("growth over 2000 cancelled threads", static_cast<double>(resident_after(2) - warm), 1024,
          "KiB");
  return expect_status();
}
