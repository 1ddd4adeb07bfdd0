// Makes chosen system calls of a child fail: the child's calls of some kinds are handed to this
// process (a seccomp filter with user notification), which lets them pass or answers with an error.
// Only calls that the library itself makes can be chosen: their instruction lies in its text.

#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

struct Kind {
  const char* name;
  std::vector<int> calls;
  int error;
  bool by_library;  // only those whose instruction lies in the library
};

// Which of a kind's calls fail: the `first`-th, and with `and_on` all after it. first = 0: none.
struct Plan {
  size_t first = 0;
  bool and_on = false;
};

struct Outcome {
  int status;    // as wait_for() tells it
  size_t calls;  // of the kind, before the child said that the trouble is over
  size_t failed;
};

// Runs argv under the plan. A child that calls trouble_is_over() has the rest of its calls pass.
Outcome run_with_faults(const Kind& kind, Plan plan, const std::vector<std::string>& argv,
                        unsigned seconds);

// By the child.
void trouble_is_over();
