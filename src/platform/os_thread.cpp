// os_thread.cpp - a thread that libc does not know of. It takes none of libc's locks to make one,
// so that a free may; and to libc a program of one thread stays one.
#include <errno.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <iterator>

#include "platform/os.h"
#include "platform/syscall.h"

extern "C" int __clone(int (*main)(void*), void* stack_end, int flags, void* argument, ...);

namespace tamari::os {
namespace {

constexpr size_t kStackBytes = 64 << 10;
constexpr size_t kStorageBeside = 4096;  // around what must be in a thread's storage
// What libc asks for, as some sandboxes allow nothing else.
constexpr int kFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND |
                       CLONE_THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

constinit __thread char t_in_library = 0;

// A guard page, the stack, and thread-local storage: zeros where libc's errno and the library's
// variables would be, and at the thread pointer what the processor's ABI wants.
struct Room {
  char* stack_end = nullptr;
  char* thread_pointer = nullptr;
};

char* start_of_page(char* address) {
  return address - reinterpret_cast<uintptr_t>(address) % page_size();
}

Room make_room() {
  auto* const pointer = static_cast<char*>(__builtin_thread_pointer());
  char* const known[] = {pointer, reinterpret_cast<char*>(&errno), &t_in_library};
  const auto [first, last] = std::minmax_element(std::begin(known), std::end(known));
  char* const from = start_of_page(*first - kStorageBeside);
  char* const to = start_of_page(*last + kStorageBeside) + page_size();
  const size_t guard = page_size();
  const size_t bytes = guard + kStackBytes + static_cast<size_t>(to - from);
  auto* start = static_cast<char*>(reserve(bytes));
  if (start == nullptr) return {};
  if (!unprotect(start + guard, bytes - guard)) {
    unreserve(start, bytes);
    return {};
  }
  char* const stack_end = start + guard + kStackBytes;
  const Room room{stack_end, stack_end + (pointer - from)};
#if defined(__x86_64__)
  // Itself, twice, and the stack's canary.
  auto* words = reinterpret_cast<void**>(room.thread_pointer);
  words[0] = words[2] = words;
  words[5] = reinterpret_cast<void**>(pointer)[5];
#endif
  return room;
}

}  // namespace

bool start_thread(int (*main)(void*), void* argument, std::atomic<int>& id) {
  static constinit Room room;  // kept, also for the next one
  if (room.stack_end == nullptr) room = make_room();
  if (room.stack_end == nullptr) return false;
  uint64_t all = UINT64_MAX;
  uint64_t before = 0;
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all),
              reinterpret_cast<long>(&before), sizeof all);
  const int error = errno;
  const int made = __clone(main, room.stack_end, kFlags, argument, &id, room.thread_pointer, &id);
  errno = error;
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&before), 0, sizeof before);
  return made > 0;
}

}  // namespace tamari::os
