// The hidden subcommand that runs preloaded: the library checks its settings before main, and
// --owner prints which file each function of the malloc family comes from; --owners also those that
// not every allocator has.
#pragma once

namespace tamari::lab {

inline constexpr char kSelfCheck[] = "self-check";
inline constexpr char kOwnerOption[] = "--owner";
inline constexpr char kOwnersOption[] = "--owners";

// Ends with 0; without an option it prints nothing.
int self_check(int argc, char** argv);

}  // namespace tamari::lab
