// A name for a machine under which its samples are compared with one another.
#pragma once

#include <string>

#include "lab/environment.h"

namespace tamari::lab {

// Equal for all runs on one machine, or in one container; says nothing about its owner.
std::string machine_id(const Machine& machine);

}  // namespace tamari::lab
