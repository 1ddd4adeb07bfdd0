// The arms of an experiment file: [base], [[variant]] and [[product]].
#pragma once

#include "lab/experiment/plan.h"
#include "lab/experiment/toml_table.h"

namespace tamari::lab {

// Appends the base, the variants and the products of tunables. A variant has the base's library and
// settings but for what it says itself; with another library it begins without settings.
void read_arms(const TomlTable& file, Plan& plan);

}  // namespace tamari::lab
