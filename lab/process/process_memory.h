// The memory of another process, read from outside: nobody is stopped, nothing is written, no code
// is run there. What it takes is the permission that a debugger needs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace tamari::lab {

class ProcessMemory {
 public:
  // No such process, one without memory (it has ended, or is the kernel's), or no permission: a
  // CommandError. The object is of the program that runs now; when that has ended, or has become
  // another, each look is a CommandError.
  explicit ProcessMemory(pid_t pid);
  ~ProcessMemory();
  ProcessMemory(const ProcessMemory&) = delete;
  ProcessMemory& operator=(const ProcessMemory&) = delete;

  const std::string& name() const { return name_; }  // "process 4711"
  // Of the process's folder in /proc, such as "environ".
  std::string read_file(const char* file) const;
  // VmRSS.
  std::uint64_t resident_bytes() const;
  // Where files that have code are mapped from their first byte on.
  std::vector<std::uint64_t> images() const;

  // False where nothing can be read.
  bool try_read(std::uint64_t from, void* to, std::size_t bytes) const;
  void read(std::uint64_t from, void* to, std::size_t bytes) const;
  template <class T>
  T get(std::uint64_t from) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    read(from, &value, sizeof value);
    return value;
  }
  // Without the zero at its end.
  std::string get_string(std::uint64_t from) const;
  // Of memory that is no file's: what the process has never used reads as zeros, and stays unused.
  std::string get_used(std::uint64_t from, std::size_t bytes) const;

  // What the kernel's page map says of each OS page that the range touches.
  struct PageState {
    bool resident = false;
    bool used = false;  // resident or swapped out
  };
  std::vector<PageState> page_states(std::uint64_t from, std::size_t bytes) const;

 private:
  int open_file(const char* file) const;
  [[noreturn]] void refuse_ended() const;

  std::string name_;
  int folder_ = -1;  // of this process alone: its number may become another's
  int memory_ = -1;
  int page_map_ = -1;
};

std::size_t os_page_bytes();

}  // namespace tamari::lab
