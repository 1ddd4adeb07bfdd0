// See files.h.
#include "lab/files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_file(const std::string& file, const std::string& reason) {
  throw CommandError(kHarness,
                     fmt::format("cannot write {}: {}; choose another file", file, reason));
}

}  // namespace

void require_writable(const std::string& file) {
  if (file.empty()) return;
  std::error_code error;
  const bool existed = fs::exists(file, error);
  std::ofstream stream(file, std::ios::app);
  if (!stream) refuse_file(file, std::strerror(errno));
  stream.close();
  if (!existed) fs::remove(file, error);
}

// What is no ordinary file, such as /dev/stdout, cannot be replaced.
void write_atomically(const std::string& file, const std::string& text) {
  if (file.empty()) return;
  std::error_code error;
  const bool replace = fs::is_regular_file(file, error) || !fs::exists(file, error);
  const std::string next = replace ? file + ".next" : file;
  std::ofstream stream(next, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) refuse_file(file, std::strerror(errno));
  if (replace) fs::rename(next, file, error);
  if (replace && error) refuse_file(file, error.message());
}

}  // namespace tamari::lab
