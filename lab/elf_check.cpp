// See elf_check.h. The order of the checks is the order in which exec and the loader would fail.
#include "lab/elf_check.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "lab/text.h"

namespace tamari::lab {
namespace {

constexpr int kMaxInterpreters = 4;  // what the kernel follows

bool is_file(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// The words of a #! line; empty if the file has none.
std::vector<std::string> interpreter_line(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line(256, '\0');
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(file.gcount()));
  if (line.rfind("#!", 0) != 0) return {};
  std::istringstream words(line.substr(2, line.find('\n') - 2));
  std::vector<std::string> parts;
  for (std::string word; words >> word;) parts.push_back(word);
  return parts;
}

// `#!/usr/bin/env python3` runs python3: env only passes the preload on.
std::string effective_interpreter(const std::vector<std::string>& line) {
  if (std::filesystem::path(line[0]).filename() != "env") return line[0];
  for (std::size_t i = 1; i < line.size(); ++i) {
    const bool is_option = line[i].front() == '-' || line[i].find('=') != std::string::npos;
    if (!is_option) return find_program(line[i]).value_or(line[0]);
  }
  return line[0];
}

std::optional<Refusal> privilege_refusal(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return std::nullopt;
  if ((info.st_mode & (S_ISUID | S_ISGID)) != 0) {
    return Refusal{
        Obstacle::kPrivileged,
        fmt::format("{} is set-{}: a program that changes identity drops preloads; run a "
                    "copy without the bit",
                    path, (info.st_mode & S_ISUID) != 0 ? "uid" : "gid")};
  }
  if (getxattr(path.c_str(), "security.capability", nullptr, 0) > 0) {
    return Refusal{
        Obstacle::kPrivileged,
        fmt::format(
            "{} has file capabilities: the loader drops preloads for it; run a copy without them",
            path)};
  }
  return std::nullopt;
}

std::string kind(const ElfFacts& facts) {
  return fmt::format("{}-bit {}", facts.bits, machine_name(facts.machine));
}

std::optional<Refusal> elf_refusal(const std::string& path, const ElfFacts& program,
                                   const ElfFacts& library) {
  if (program.bits != library.bits || program.machine != library.machine ||
      program.little_endian != library.little_endian) {
    return Refusal{Obstacle::kOtherMachine,
                   fmt::format("{} is {}, the library is {}: build the library for it", path,
                               kind(program), kind(library))};
  }
  if (!program.has_interpreter) {
    return Refusal{
        Obstacle::kStatic,
        fmt::format(
            "{} is statically linked: no loader reads LD_PRELOAD; link it with -ltamari instead",
            path)};
  }
  if (!program.sanitizer.empty()) {
    return Refusal{Obstacle::kSanitizer,
                   fmt::format("{} is built with a sanitizer ({}), which has to own malloc: run it "
                               "without tamari, or build it without the sanitizer",
                               path, program.sanitizer)};
  }
  if (program.defines_malloc) {
    return Refusal{
        Obstacle::kOwnMalloc,
        fmt::format("{} brings its own malloc: a preload comes second; rebuild it without", path)};
  }
  return std::nullopt;
}

Refusal not_runnable(const std::string& reason) { return {Obstacle::kNotRunnable, reason}; }

std::optional<Refusal> file_refusal(const std::string& path, const ElfFacts& library,
                                    int interpreters_left) {
  if (access(path.c_str(), X_OK) != 0) {
    return not_runnable(
        fmt::format("{} is not executable: chmod +x it, or name the program that runs it", path));
  }
  if (const auto line = interpreter_line(path); !line.empty()) {
    const std::string interpreter = effective_interpreter(line);
    if (interpreters_left == 0) {
      return not_runnable(fmt::format("{}: too many #! lines in a row", path));
    }
    if (!is_file(interpreter)) {
      return not_runnable(
          fmt::format("{} wants the interpreter {}, which is not there", path, interpreter));
    }
    return file_refusal(interpreter, library, interpreters_left - 1);
  }
  const auto program = read_elf(path);
  if (!program) {
    return not_runnable(
        fmt::format("{} is neither an ELF program nor a script with a #! line", path));
  }
  if (auto refusal = privilege_refusal(path)) return refusal;
  return elf_refusal(path, *program, library);
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return is_file(name) ? std::optional(name) : std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::optional<std::string> not_executable;
  for (const std::string& folder : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (!is_file(candidate)) continue;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    not_executable = candidate;
  }
  return not_executable;
}

ProgramCheck check_program(const std::string& name, const ElfFacts& library) {
  const auto path = find_program(name);
  if (!path) {
    const char* where = name.find('/') == std::string::npos ? "in PATH" : "there";
    const std::string reason = fmt::format("{} is not {}: check the spelling", name, where);
    return {name, Refusal{Obstacle::kNotFound, reason}};
  }
  return {*path, file_refusal(*path, library, kMaxInterpreters)};
}

}  // namespace tamari::lab
