// See diagnosis.h: a process that runs, read from outside as `tamari explain PID` does.
#include <fmt/format.h>

#include <filesystem>

#include "lab/command_error.h"
#include "lab/doctor/diagnosis.h"
#include "lab/doctor/doctor.h"
#include "lab/elf_check.h"
#include "lab/installation.h"
#include "lab/process/find_outline.h"
#include "lab/process/process_memory.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr char kProcess[] = "process";

// What the process was started with; it may have changed its own copy since.
std::string preload_at_start(const ProcessMemory& memory) {
  const std::string start = std::string(kPreloadVariable) + "=";
  for (const std::string& entry : split(memory.read_file("environ"), '\0')) {
    if (entry.starts_with(start)) return entry.substr(start.size());
  }
  return {};
}

std::string program_of(pid_t pid) {
  std::error_code error;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), error).string();
}

// What kept the library out, as far as it can be seen afterwards.
std::string why_not(const ProcessMemory& memory, const std::string& program) {
  const ProgramCheck check = check_program(program, read_elf(self_path()).value());
  if (check.refusal && check.refusal->obstacle != Obstacle::kNotFound) return check.refusal->reason;
  const std::string preload = preload_at_start(memory);
  if (preload.find(kLibraryStem) == std::string::npos) {
    return fmt::format(
        "it was started {}: start it by `tamari run`",
        preload.empty() ? "without LD_PRELOAD" : fmt::format("with LD_PRELOAD={}", preload));
  }
  return fmt::format(
      "it was started with LD_PRELOAD={}, but malloc is not tamari's: see that the file is there, "
      "and "
      "the first allocator in the list",
      preload);
}

}  // namespace

void examine_process(pid_t pid, Diagnosis& diagnosis) {
  const ProcessMemory memory(pid);
  const std::string program = program_of(pid);
  try {
    const Outline outline = find_outline(memory);
    diagnosis.version = memory.get_string(address_of(outline.head.version));
    diagnosis.ok(kProcess, fmt::format("{} ({}) has the library, version {}, and takes its memory "
                                       "from it; `tamari explain {}` says where that is",
                                       memory.name(), program, diagnosis.version, pid));
  } catch (const CommandError& error) {
    if (error.status() != kUsage) throw;
    diagnosis.fail(
        kProcess,
        fmt::format("{}; its program is {}; {}", error.what(), program, why_not(memory, program)),
        kProcessWithout);
  }
}

}  // namespace tamari::lab
