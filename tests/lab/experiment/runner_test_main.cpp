// The laboratory asks itself, as a child, who owns malloc: so this program answers as tamari does.
#include <gtest/gtest.h>

#include <cstring>

#include "lab/self_check.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], tamari::lab::kSelfCheck) == 0) {
    return tamari::lab::self_check(argc, argv);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
