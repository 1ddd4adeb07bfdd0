// What children of a fork do in programs, beyond using the heap: for fork_storm and soak.

#pragma once

#include "../abi/process.h"

inline void use_environment() {
  REQUIRE(setenv("TAMARI_TEST_FORK", "a value long enough to be copied to the heap", 1) == 0);
}

inline void use_shell() {
  use_environment();
  char line[64] = {};
  FILE* shell = popen("echo $TAMARI_TEST_FORK", "re");
  REQUIRE(shell != nullptr);
  EXPECT(fgets(line, sizeof line, shell) != nullptr && strncmp(line, "a value", 7) == 0);
  EXPECT(pclose(shell) == 0);
}

[[noreturn]] inline void become_another_program() {
  unsetenv("LD_PRELOAD");
  execl("/bin/true", "true", nullptr);
  _exit(127);
}

// A child of the child, which does `action`.
template <typename Action>
void fork_again(unsigned seconds, Action action) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(seconds);
    action();
    _exit(expect_status());
  }
  EXPECT(wait_for(child) == 0);
}
