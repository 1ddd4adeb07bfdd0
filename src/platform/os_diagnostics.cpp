// What a report of misuse needs of the system: the fault itself, the callers, the files they lie
// in. Used only under check=sample:N.
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <signal.h>

#include <cstdint>
#include <cstring>

#include "platform/compiler.h"
#include "platform/os.h"

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
extern "C" TAMARI_WEAK int _dl_find_object(void* address, dl_find_object* result) noexcept;
#endif

namespace tamari::os {
namespace {

struct alignas(kSealBytes) FaultWatch {
  void (*look)(const void* address);
  struct sigaction previous;
};
FaultWatch g_watch;

// The handler that was there before decides; without one, the access is repeated and ends the
// process. A signal that somebody sent is sent again for that.
void on_fault(int signal, siginfo_t* info, void* context) {
  g_watch.look(info->si_addr);
  const struct sigaction& previous = g_watch.previous;
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    sigaction(signal, &previous, nullptr);
    if (info->si_code <= 0 && previous.sa_handler == SIG_DFL) raise(signal);
  } else {
    previous.sa_handler(signal);
  }
}

}  // namespace

void watch_faults(void (*look)(const void* address)) {
  g_watch.look = look;
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  struct sigaction previous {};
  sigaction(SIGSEGV, &action, &previous);
  // What the kernel knows; the rest of the mask is what lay on libc's stack.
  g_watch.previous.sa_sigaction = previous.sa_sigaction;
  g_watch.previous.sa_flags = previous.sa_flags;
  std::memcpy(&g_watch.previous.sa_mask, &previous.sa_mask, sizeof(uint64_t));
  make_read_only(&g_watch, sizeof g_watch);
}

int stack(void** frames, int most) { return backtrace(frames, most); }

Module module_of(void* address) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
  dl_find_object found{};
  if (&_dl_find_object != nullptr && _dl_find_object(address, &found) == 0) {
    const link_map* map = found.dlfo_link_map;
    return {map->l_name[0] == '\0' ? "program" : map->l_name, map->l_addr};
  }
#endif
  static_cast<void>(address);
  return {"?", 0};
}

}  // namespace tamari::os
