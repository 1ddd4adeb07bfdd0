// A statically linked program that says so and rests until it is killed.
#include <unistd.h>

int main() {
  (void)!write(STDOUT_FILENO, "ready\n", 6);
  while (true) pause();
}
