// The hidden subcommand that runs preloaded: the library checks its settings before main, and
// --owner prints which file each function of the malloc family comes from.
#pragma once

namespace tamari::lab {

inline constexpr char kSelfCheck[] = "self-check";
inline constexpr char kOwnerOption[] = "--owner";

// Ends with 0; without --owner it prints nothing.
int self_check(int argc, char** argv);

}  // namespace tamari::lab
