// Stops the calling thread after each instruction that it executes inside the library (the
// processor's trap flag), and calls a function there: what a signal handler, or a fork in one,
// meets at the worst moment, met at all of them. x86-64 only.

#pragma once

#include <signal.h>
#include <ucontext.h>

#include "figure.h"

#if defined(__x86_64__)

class EveryStep {
 public:
  // `at_step` runs in the signal handler. True: no more steps after this one.
  static void start(bool (*at_step)()) {
    find_library();
    visit() = at_step;
    struct sigaction action = {};
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO;
    REQUIRE(sigaction(SIGTRAP, &action, nullptr) == 0);
    asm volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc");
  }
  // Of the step that is being visited: its instruction, also as an offset in the library's file.
  static const unsigned char* instruction() { return reinterpret_cast<unsigned char*>(at()); }
  static unsigned long offset() { return at() - from() + mapped(); }
  static void stop() { asm volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc"); }

 private:
  static bool (*&visit())() {
    static bool (*function)();
    return function;
  }
  static unsigned long& from() {
    static unsigned long address;
    return address;
  }
  static unsigned long& to() {
    static unsigned long address;
    return address;
  }
  static unsigned long& mapped() {
    static unsigned long offset;
    return offset;
  }
  static unsigned long& at() {
    static unsigned long address;
    return address;
  }

  static void on_trap(int, siginfo_t*, void* context) {
    auto& flags = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL];
    at() =
        static_cast<unsigned long>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
    if (at() >= from() && at() < to() && visit()()) flags &= ~0x100L;
  }

  static void find_library() {
    if (to() != 0) return;
    FILE* maps = fopen("/proc/self/maps", "re");
    REQUIRE(maps != nullptr);
    char line[512];
    while (fgets(line, sizeof line, maps) != nullptr) {
      if (strstr(line, "libtamari") == nullptr || strstr(line, " r-xp ") == nullptr) continue;
      char* end = nullptr;
      from() = strtoul(line, &end, 16);
      to() = strtoul(end + 1, &end, 16);
      mapped() = strtoul(end + 6, nullptr, 16);
    }
    fclose(maps);
    REQUIRE(to() != 0 || !expect_library());
  }
};

#endif
