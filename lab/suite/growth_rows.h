// How far each dimension of `tamari bench growth` grows.
#pragma once

#include <cstdint>

#include "lab/suite/suite_report.h"

namespace tamari::lab {

// Adds a row for each value, without its command. A live heap above `largest_heap_mib` is left out,
// with the reason. A dimension without values is a CommandError.
void add_growth_rows(const SuiteRow& dimension, bool quick, std::uint64_t largest_heap_mib,
                     SuiteReport& report);

}  // namespace tamari::lab
