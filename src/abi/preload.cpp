// preload.cpp - the library's own start and end.
#include <dlfcn.h>
#include <link.h>

#include <string_view>

#include "heap/checked.h"
#include "heap/heap.h"
#include "heap/statistics.h"

namespace tamari {

// operators.cpp
bool are_operators_replaced();

}  // namespace tamari

namespace {

void on_load();

// A plugin that was linked with the archive may be closed, but threads that have used it end later,
// and their ends come to us: its code has to stay. (libtamari.so is linked that way.)
void stay_loaded() {
  Dl_info info{};
  link_map* map = nullptr;
  const auto here = reinterpret_cast<const void*>(&on_load);
  const int found = dladdr1(here, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP);
  if (found == 0 || map == nullptr || map->l_name[0] == '\0') return;  // the program itself
  dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

// Unless somebody has set what to do.
void ignore_family_mismatches() {
  constexpr std::string_view kName = "family_mismatch";
  constexpr std::string_view kValue = "ignore";
  tamari::Tunables& tunables = tamari::g_heap.tunables;
  const size_t row = tamari::find_tunable(kName.data(), kName.size());
  char discarded[1];
  tamari::Text reason(discarded, sizeof discarded);
  if (tunables.origin(row) == tamari::Origin::kDefault)
    tunables.set(kName.data(), kName.size(), kValue.data(), kValue.size(), tamari::Origin::kProgram,
                 reason);
}

// Most programs have allocated long before: the dynamic loader does. What had to wait happens here.
__attribute__((constructor(101))) void on_load() {
  stay_loaded();
  tamari::finish_start();
  if (tamari::are_operators_replaced()) ignore_family_mismatches();
}

// Runs after the program's own destructors, which may still allocate; so may whatever comes later.
__attribute__((destructor(101))) void on_exit() {
  tamari::check_at_exit();
  tamari::report_at_exit();
}

}  // namespace
