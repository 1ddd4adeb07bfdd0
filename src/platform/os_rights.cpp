// os_rights.cpp - what a thread may do, as /proc tells it. Libc changes the rights of the threads
// that it knows.
#include <cstring>

#include "platform/os.h"

namespace tamari::os {
namespace {

constexpr const char* kLines[] = {"Uid:", "Gid:", "Groups:", "Cap", "NoNewPrivs:", "Seccomp"};

// The lines of /proc/.../status that tell what a thread may do, one after the other.
struct Rights {
  char text[4096];
  size_t length = 0;
};

bool read_rights(const char* path, Rights& rights) {
  char text[sizeof rights.text];
  const long length = read_file(path, text, sizeof text - 1);
  if (length <= 0) return false;
  text[length] = '\0';
  const char* const end = text + length;
  for (const char* line = text; line < end;) {
    const auto* newline =
        static_cast<const char*>(std::memchr(line, '\n', static_cast<size_t>(end - line)));
    const char* const next = newline == nullptr ? end : newline + 1;
    for (const char* name : kLines) {
      if (std::strncmp(line, name, std::strlen(name)) != 0) continue;
      std::memcpy(rights.text + rights.length, line, static_cast<size_t>(next - line));
      rights.length += static_cast<size_t>(next - line);
    }
    line = next;
  }
  return true;
}

}  // namespace

bool has_rights_of_process() {
  if (!start_info().privileged) return true;
  Rights own, of_process;
  return read_rights("/proc/thread-self/status", own) &&
         read_rights("/proc/self/status", of_process) && own.length == of_process.length &&
         std::memcmp(own.text, of_process.text, own.length) == 0;
}

}  // namespace tamari::os
