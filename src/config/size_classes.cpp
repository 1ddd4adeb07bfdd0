#include "config/size_classes.h"

namespace tamari {

constinit const std::array<uint8_t, kSizeTableEntries> kClassOfSize = make_size_table();

}  // namespace tamari
