// See installation.h.
#include "lab/installation.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <filesystem>

#include "lab/command_error.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> first_existing(const std::vector<fs::path>& candidates) {
  std::error_code error;
  for (const fs::path& candidate : candidates) {
    if (fs::is_regular_file(candidate, error)) return fs::canonical(candidate).string();
  }
  return std::nullopt;
}

std::string multiarch() {
  utsname name{};
  uname(&name);
  return fmt::format("{}-linux-gnu", name.machine);
}

std::string require_given(const std::string& given, const char* option) {
  const auto found = first_existing({given});
  if (!found) throw CommandError(kUsage, fmt::format("{} {}: no such file", option, given));
  return *found;
}

}  // namespace

std::string self_path() { return fs::read_symlink("/proc/self/exe").string(); }

std::vector<std::string> system_library_folders() {
  std::vector<std::string> folders;
  if (const char* path = std::getenv("LD_LIBRARY_PATH"); path != nullptr && *path != '\0') {
    folders = split(path, ':');
  }
  for (const char* prefix : {"/usr/local/lib", "/usr/lib"}) {
    folders.push_back(std::string(prefix) + "/" + multiarch());
    folders.push_back(std::string(prefix) + "64");
    folders.emplace_back(prefix);
  }
  return folders;
}

std::optional<std::string> find_library(const std::string& given) {
  if (!given.empty()) return require_given(given, "--lib");
  const fs::path prefix = fs::path(self_path()).parent_path().parent_path();
  std::vector<fs::path> candidates;
  for (const std::string& folder :
       {std::string("lib"), "lib/" + multiarch(), std::string("lib64")}) {
    candidates.push_back(prefix / folder / kLibraryName);
  }
  for (const std::string& folder : system_library_folders()) {
    candidates.push_back(fs::path(folder) / kLibraryName);
  }
  return first_existing(candidates);
}

std::optional<std::string> find_bench(const std::string& name, const std::string& given) {
  if (!given.empty()) return require_given(given, "--bench");
  const fs::path folder = fs::path(self_path()).parent_path();
  const fs::path prefix = folder.parent_path();
  return first_existing({folder / name, prefix / "libexec/tamari" / name,
                         prefix / "lib" / multiarch() / "tamari" / name,
                         prefix / "lib/tamari" / name});
}

std::string require_bench(const std::string& name, const std::string& given) {
  const auto found = find_bench(name, given);
  if (found) return *found;
  throw CommandError(kHarness, fmt::format("{} is not beside {}: build it, or give --bench PATH",
                                           name, self_path()));
}

std::string require_library(const std::string& given) {
  const auto found = find_library(given);
  if (found) return *found;
  throw CommandError(kHarness,
                     fmt::format("{} is neither beside {} (../lib) nor in the system's library "
                                 "folders: build or install it, or give --lib PATH",
                                 kLibraryName, self_path()));
}

}  // namespace tamari::lab
