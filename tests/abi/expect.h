// Assertions for the small programs of this directory, usable from C and C++.
//
// Nothing here allocates: the allocator is what is being tested, and some programs run it out of
// memory. EXPECT records a failure and carries on; REQUIRE ends the process when going on would
// be meaningless. main returns expect_status().

#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

// Defined in owner.c, one per process, so that plugins and threads share the count.
extern int expect_failures;

// A process that does not own malloc proves nothing, so owner.c checks that before main. True
// when the environment named the library that must own it, false in a control run under glibc.
int expect_library(void);

#ifdef __cplusplus
}
#endif

static inline void expect_fail(const char* file, int line, const char* format, ...) {
  char text[512];
  int used = snprintf(text, sizeof text, "%s:%d: ", file, line);
  va_list args;
  va_start(args, format);
  used += vsnprintf(text + used, sizeof text - (size_t)used - 1, format, args);
  va_end(args);
  if (used > (int)sizeof text - 2) used = (int)sizeof text - 2;
  text[used++] = '\n';
  if (write(STDERR_FILENO, text, (size_t)used) < 0) {
    // Standard error is closed in some of the tests; the exit status still tells.
  }
  __atomic_add_fetch(&expect_failures, 1, __ATOMIC_RELAXED);
}

static inline int expect_status(void) {
  return __atomic_load_n(&expect_failures, __ATOMIC_RELAXED) == 0 ? 0 : 1;
}

#define EXPECT(condition) \
  ((condition) ? (void)0 : expect_fail(__FILE__, __LINE__, "expected %s", #condition))

#define REQUIRE(condition)                                        \
  do {                                                            \
    if (!(condition)) {                                           \
      expect_fail(__FILE__, __LINE__, "required %s", #condition); \
      _exit(1);                                                   \
    }                                                             \
  } while (0)

#define EXPECT_AT_MOST(value, limit)                                                       \
  do {                                                                                     \
    long value_ = (long)(value), limit_ = (long)(limit);                                   \
    if (value_ > limit_)                                                                   \
      expect_fail(__FILE__, __LINE__, "%s is %ld, more than %ld", #value, value_, limit_); \
  } while (0)
