// Can a preload reach a program? Finds it as execvp would, follows #! lines, and says why not.
#pragma once

#include <optional>
#include <string>

#include "lab/elf_file.h"

namespace tamari::lab {

// Why a preload cannot reach a program, in the order in which it is looked for.
enum class Obstacle {
  kNotFound,
  kNotRunnable,  // not executable, or nothing that exec takes
  kPrivileged,
  kOtherMachine,
  kStatic,
  kSanitizer,
  kOwnMalloc,
};

struct Refusal {
  Obstacle obstacle;
  std::string reason;  // what, and what to do
};

struct ProgramCheck {
  std::string path;  // what exec is to be given
  std::optional<Refusal> refusal;
};

// Searches PATH for a name without a slash.
std::optional<std::string> find_program(const std::string& name);

// `library` is what would be preloaded: the program must match its class and machine.
ProgramCheck check_program(const std::string& name, const ElfFacts& library);

}  // namespace tamari::lab
