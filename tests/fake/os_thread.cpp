// os::start_thread() as libc would do it: for sanitizers, which know no other threads.
#include <pthread.h>

#include "platform/os.h"

namespace tamari::os {
namespace {

struct {
  int (*main)(void*);
  void* argument;
  ::std::atomic<int>* id;
} g_next;

void* run(void*) {
  ::std::atomic<int>& id = *g_next.id;
  g_next.main(g_next.argument);
  id.store(0, ::std::memory_order_release);
  return nullptr;
}

}  // namespace

bool start_thread(int (*main)(void*), void* argument, ::std::atomic<int>& id) {
  g_next = {main, argument, &id};
  pthread_t thread;
  if (pthread_create(&thread, nullptr, run, nullptr) != 0) return false;
  pthread_detach(thread);
  return true;
}

}  // namespace tamari::os
