// An allocator of a known slowness: glibc's, whose n-th malloc returns when the program's only
// thread has used n times SPIN_US microseconds of CPU time. It goes by the clock of the CPU time,
// not by turns of a loop, so what else the machine does cannot change what is planted.
#include <ctime>

#include "../glibc_family.h"

static long cpu_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000L + now.tv_nsec;
}

static void before_malloc() {
  static long until_ns = 0;
  until_ns += SPIN_US * 1'000L;
  while (cpu_time_ns() < until_ns) {
  }
}
