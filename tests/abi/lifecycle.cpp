// Allocation before main and after it: preinit_array, early constructors, static, thread_local and
// pthread-key destructors, atexit. Each stage frees what an earlier one allocated.

#include <pthread.h>

#include <atomic>
#include <string>
#include <thread>

#include "process.h"

namespace {

enum Stage { kPreinit, kConstructor, kStatic, kThreadLocal, kThreadKey, kAtExit, kStages };

std::atomic<int> reached[kStages];

char* handed_over;  // allocated by the stage before, freed by the one that finds it

void pass_on(Stage stage, size_t size) {
  if (handed_over != nullptr) {
    EXPECT(strcmp(handed_over, "passed on") == 0);
    free(handed_over);
  }
  handed_over = static_cast<char*>(calloc(1, size));
  REQUIRE(handed_over != nullptr);
  strcpy(handed_over, "passed on");
  ++reached[stage];
}

void before_constructors(int, char**, char**) { pass_on(kPreinit, 100); }

__attribute__((section(".preinit_array"), used)) void (*preinit)(int, char**,
                                                                 char**) = before_constructors;

__attribute__((constructor(101))) void first_constructor() { pass_on(kConstructor, 5000); }

struct Static {
  Static() { pass_on(kStatic, 100000); }
  ~Static() { pass_on(kStatic, 300); }
  std::string text = std::string(1000, 'x');
};
Static a_static;

// The C++ runtime destroys this after the thread's function and before the key destructors.
struct PerThread {
  PerThread() : block(static_cast<char*>(malloc(2000))) {}
  ~PerThread() {
    free(block);
    std::string late(3000, 'y');
    free(realloc(malloc(10), late.size()));
    ++reached[kThreadLocal];
  }
  char* block;
};
thread_local PerThread per_thread;

pthread_key_t keys[4];

// Sets its key again, so that it runs in all PTHREAD_DESTRUCTOR_ITERATIONS rounds, each time
// freeing the block of the round before: the library's own key may be gone by then.
void destroy_key_value(void* value) {
  auto* round = static_cast<size_t*>(value);
  const size_t next = *round + 1;
  free(round);
  auto* again = static_cast<size_t*>(malloc(next * 1000));
  *again = next;
  ++reached[kThreadKey];
  if (next < 4) {
    pthread_setspecific(keys[next % 4], again);
  } else {
    free(again);
  }
}

void thread_body(bool allocates_first) {
  if (allocates_first) per_thread.block[0] = 1;
  auto* value = static_cast<size_t*>(malloc(sizeof(size_t)));
  *value = 0;
  pthread_setspecific(keys[0], value);
  per_thread.block[1] = 1;
}

// A thread's stack outlives its caches: this counts what teardown leaves behind.
void run_threads() {
  for (pthread_key_t& key : keys) REQUIRE(pthread_key_create(&key, destroy_key_value) == 0);
  for (int i = 0; i < 100; ++i) std::thread(thread_body, i % 2 == 0).join();
  const long warm = resident_kib();
  for (int i = 0; i < 1900; ++i) std::thread(thread_body, i % 2 == 0).join();
  EXPECT_AT_MOST(resident_kib() - warm, 2048);
  EXPECT(reached[kThreadLocal] == 2000);
  EXPECT(reached[kThreadKey] == 2000 * 4);
}

void at_exit() {
  pass_on(kAtExit, 40);
  std::thread(thread_body, true).join();
}

// Runs last of all; a failure can only leave through _exit here.
__attribute__((destructor(101))) void after_everything() {
  pass_on(kAtExit, 4000);
  free(handed_over);
  EXPECT(reached[kPreinit] == 1 && reached[kConstructor] == 1);
  EXPECT(reached[kStatic] == 2 && reached[kAtExit] == 2);
  EXPECT(reached[kThreadLocal] == 2002);  // the 2000, the one in atexit, and main's own
  free(malloc(1 << 20));
  if (expect_status() != 0) _exit(1);
}

}  // namespace

int main() {
  EXPECT(reached[kPreinit] == 1 && reached[kConstructor] == 1 && reached[kStatic] == 1);
  per_thread.block[0] = 1;
  atexit(at_exit);
  run_threads();
  return expect_status();
}
