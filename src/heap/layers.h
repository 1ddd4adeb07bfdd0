// layers.h - where the process's resident bytes are, layer by layer (config/layers.h). Costs a look
// at the whole heap: taken for a report, not for a single counter. A thread waits only if it leaves
// the hit path while its own cache is looked at; what moves meanwhile may be counted in two layers
// or in none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "config/layers.h"
#include "platform/text.h"

namespace tamari {

constexpr uint64_t kUnknownBytes = UINT64_MAX;

struct Layers {
  std::array<uint64_t, kLayerCount> bytes;

  uint64_t& operator[](Layer name) { return bytes[static_cast<size_t>(name)]; }
};

// All unknown where the kernel does not say what is resident.
Layers take_layers();

// As an object with a member for each layer, the unknown null.
void print_layers_json(Text& out);

}  // namespace tamari
