// See self_check.h. Looks names up as any program would: RTLD_DEFAULT, the loader's own order.
#include "lab/self_check.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

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

constexpr Function kFurtherFunctions[] = {
    {"free_sized", "free_sized"},
    {"free_aligned_sized", "free_aligned_sized"},
    {"memalign", "memalign"},
    {"reallocarray", "reallocarray"},
    {"operator_new_aligned", "_ZnwmSt11align_val_t"},
    {"operator_new_nothrow", "_ZnwmRKSt9nothrow_t"},
    {"operator_delete_sized", "_ZdlPvm"},
    {"operator_delete_aligned", "_ZdlPvSt11align_val_t"},
};

const char* owner_of(const char* symbol) {
  void* address = dlsym(RTLD_DEFAULT, symbol);
  Dl_info info{};
  if (address == nullptr || dladdr(address, &info) == 0) return "";
  return info.dli_fname;
}

void print_owner(const Function& function) {
  std::printf("%s=%s\n", function.label, owner_of(function.symbol));
}

}  // namespace

int self_check(int argc, char** argv) {
  const std::string_view option = argc > 2 ? argv[2] : "";
  if (option == kOwnerOption || option == kOwnersOption) {
    std::ranges::for_each(kFunctions, print_owner);
  }
  if (option == kOwnersOption) std::ranges::for_each(kFurtherFunctions, print_owner);
  return 0;
}

}  // namespace tamari::lab
