// The `tamari` command.
#include <cstring>

#include "lab/cli.h"
#include "lab/self_check.h"

int main(int argc, char** argv) {
  // Before the option parser: this is what the library under test is judged by.
  if (argc > 1 && std::strcmp(argv[1], tamari::lab::kSelfCheck) == 0) {
    return tamari::lab::self_check(argc, argv);
  }
  return tamari::lab::run_cli(argc, argv);
}
