// See self_check.h. Looks names up as any program would: RTLD_DEFAULT, the loader's own order.
#include "lab/self_check.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstring>

namespace tamari::lab {
namespace {

struct Function {
  const char* label;
  const char* symbol;
};

constexpr Function kFunctions[] = {
    {"malloc", "malloc"},
    {"free", "free"},
    {"calloc", "calloc"},
    {"realloc", "realloc"},
    {"aligned_alloc", "aligned_alloc"},
    {"posix_memalign", "posix_memalign"},
    {"malloc_usable_size", "malloc_usable_size"},
    {"operator_new", "_Znwm"},
    {"operator_new_array", "_Znam"},
    {"operator_delete", "_ZdlPv"},
    {"operator_delete_array", "_ZdaPv"},
};

const char* owner_of(const char* symbol) {
  void* address = dlsym(RTLD_DEFAULT, symbol);
  Dl_info info{};
  if (address == nullptr || dladdr(address, &info) == 0) return "";
  return info.dli_fname;
}

}  // namespace

int self_check(int argc, char** argv) {
  if (argc > 2 && std::strcmp(argv[2], kOwnerOption) == 0) {
    for (const Function& function : kFunctions) {
      std::printf("%s=%s\n", function.label, owner_of(function.symbol));
    }
  }
  return 0;
}

}  // namespace tamari::lab
