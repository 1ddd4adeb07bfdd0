// Whose malloc this program calls, for whoever compares allocators by it.
#pragma once

namespace tamari::bench {

// Prints "malloc_from=FILE", a line of its own: the file that the loader has bound malloc to. Call
// it after the measurement.
void print_malloc_origin();

}  // namespace tamari::bench
