// Can a preload reach a program? Finds it as execvp would, follows #! lines, and says why not.
#pragma once

#include <optional>
#include <string>

#include "lab/elf_file.h"

namespace tamari::lab {

struct Refusal {
  bool found = false;  // false: there is no such program
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
