// What the programs need to know and do about processes, without allocating: resident memory,
// sleeping, a watchdog, running themselves again, and waiting for a child.

#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <initializer_list>

#include "expect.h"

// Hides where a value came from, so that the compiler neither warns about nor folds a call that
// is wrong or useless on purpose.
template <typename T>
T opaque(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

inline long resident_kib() {
  char text[128] = {};
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
  close(fd);
  const char* second = strchr(text, ' ');
  return strtol(second, nullptr, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

inline double seconds_now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

inline void sleep_ms(long ms) {
  timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0) {
  }
}

// Sleeps, without calling the allocator, until resident memory is at most `limit` or the time is
// up; returns what is resident then.
inline long settle_kib(long limit, double seconds) {
  const double end = seconds_now() + seconds;
  long now = resident_kib();
  while (now > limit && seconds_now() < end) {
    sleep_ms(50);
    now = resident_kib();
  }
  return now;
}

// Memory for the test's own tables, which must not come from the allocator under test.
template <typename T>
T* map_table(size_t count) {
  void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  return static_cast<T*>(memory);
}

// Waits for a child that carries its own alarm, and returns its exit status, 128 + signal if a
// signal ended it.
inline int wait_for(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Replaces this process by a fresh one of the same program, so that limits set before are in
// force from its first instruction.
[[noreturn]] inline void exec_self(const char* argument) {
  char* const arguments[] = {const_cast<char*>("/proc/self/exe"), const_cast<char*>(argument),
                             nullptr};
  execv(arguments[0], arguments);
  _exit(127);
}

// One row of a program's table of cases; the name is its command line.
struct Case {
  const char* name;
  void (*run)();
};

template <size_t N>
int run_case(const Case (&cases)[N], int argc, char** argv) {
  for (const Case& c : cases) {
    if (argc == 2 && strcmp(c.name, argv[1]) == 0) {
      c.run();
      return expect_status();
    }
  }
  expect_fail(__FILE__, __LINE__, "no such case: %s", argc == 2 ? argv[1] : "(one is needed)");
  return 2;
}
