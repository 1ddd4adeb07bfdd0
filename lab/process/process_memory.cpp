// See process_memory.h.
#include "lab/process/process_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <sstream>

#include "lab/command_error.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

// An entry of /proc/PID/pagemap.
constexpr unsigned kPresentBit = 63;
constexpr unsigned kSwappedBit = 62;

bool bit(std::uint64_t word, unsigned place) { return (word >> place & 1) != 0; }

// All bytes, unless there is nothing to be read: then -1, or as many as there were.
ssize_t read_all_at(int file, void* to, std::size_t bytes, std::uint64_t from) {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got =
        pread(file, static_cast<char*>(to) + done, bytes - done, static_cast<off_t>(from + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

}  // namespace

std::size_t os_page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

ProcessMemory::ProcessMemory(pid_t pid) : name_(fmt::format("process {}", pid)) {
  folder_ = open(fmt::format("/proc/{}", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0) throw CommandError(kUsage, fmt::format("there is no {}", name_));
  memory_ = open_file("mem");
  page_map_ = open_file("pagemap");
  if (resident_bytes() == 0) refuse_ended();
}

ProcessMemory::~ProcessMemory() {
  for (const int file : {page_map_, memory_, folder_}) {
    if (file >= 0) close(file);
  }
}

void ProcessMemory::refuse_ended() const {
  throw CommandError(
      kHarness,
      fmt::format("{} has no memory to look at: it has ended or become another program, or is the "
                  "kernel's own",
                  name_));
}

int ProcessMemory::open_file(const char* file) const {
  const int opened = openat(folder_, file, O_RDONLY | O_CLOEXEC);
  if (opened >= 0) return opened;
  if (errno == ESRCH) refuse_ended();
  if (errno == EACCES || errno == EPERM) {
    throw CommandError(
        kHarness,
        fmt::format("{} may not be looked into: do it as its user, or as root where that is not "
                    "enough (kernel.yama.ptrace_scope)",
                    name_));
  }
  throw CommandError(kHarness, fmt::format("cannot look into {}: no {} in /proc: {}", name_, file,
                                           std::strerror(errno)));
}

std::string ProcessMemory::read_file(const char* file) const {
  const int opened = open_file(file);
  std::string text;
  std::array<char, 65536> part;
  ssize_t got = 0;
  while ((got = ::read(opened, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  close(opened);
  if (got < 0) refuse_ended();
  return text;
}

std::uint64_t ProcessMemory::resident_bytes() const {
  std::istringstream words(read_file("statm"));
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  words >> all >> resident;
  return resident * os_page_bytes();
}

std::vector<std::uint64_t> ProcessMemory::images() const {
  struct Image {
    std::uint64_t start = 0;
    bool has_start = false;
    bool has_code = false;
  };
  std::map<std::string, Image> files;  // by device and inode
  for (const std::string& line : split(read_file("maps"), '\n')) {
    std::istringstream words(line);
    std::string range, rights, offset, device, inode;
    words >> range >> rights >> offset >> device >> inode;
    if (inode.empty() || inode == "0") continue;
    Image& image = files[device + " " + inode];
    image.has_code |= rights.find('x') != std::string::npos;
    const bool starts = std::stoull(offset, nullptr, 16) == 0 && rights.front() == 'r';
    if (image.has_start || !starts) continue;
    image.has_start = true;
    image.start = std::stoull(range, nullptr, 16);
  }
  std::vector<std::uint64_t> starts;
  for (const auto& [file, image] : files) {
    if (image.has_start && image.has_code) starts.push_back(image.start);
  }
  return starts;
}

bool ProcessMemory::try_read(std::uint64_t from, void* to, std::size_t bytes) const {
  return read_all_at(memory_, to, bytes, from) == static_cast<ssize_t>(bytes);
}

void ProcessMemory::read(std::uint64_t from, void* to, std::size_t bytes) const {
  if (!try_read(from, to, bytes)) refuse_ended();
}

std::string ProcessMemory::get_string(std::uint64_t from) const {
  constexpr std::size_t kLongest = 1024;
  std::string text;
  for (char c = get<char>(from); c != '\0' && text.size() < kLongest; c = get<char>(++from)) {
    text += c;
  }
  return text;
}

std::string ProcessMemory::get_used(std::uint64_t from, std::size_t bytes) const {
  std::string copy(bytes, '\0');
  const std::size_t os_page = os_page_bytes();
  const std::uint64_t first = from / os_page;
  const std::vector<PageState> pages = page_states(from, bytes);
  for (std::size_t i = 0; i < pages.size();) {
    std::size_t end = i + 1;
    while (end < pages.size() && pages[end].used == pages[i].used) ++end;
    if (pages[i].used) {
      const std::uint64_t low = std::max(from, (first + i) * os_page);
      const std::uint64_t high = std::min(from + bytes, (first + end) * os_page);
      read(low, &copy[low - from], high - low);
    }
    i = end;
  }
  return copy;
}

std::vector<ProcessMemory::PageState> ProcessMemory::page_states(std::uint64_t from,
                                                                 std::size_t bytes) const {
  if (bytes == 0) return {};
  const std::size_t os_page = os_page_bytes();
  const std::uint64_t first = from / os_page;
  std::vector<PageState> states((from + bytes - 1) / os_page - first + 1);
  std::array<std::uint64_t, 8192> words;
  for (std::size_t done = 0; done < states.size();) {
    const std::size_t count = std::min(words.size(), states.size() - done);
    const std::size_t wanted = count * sizeof words[0];
    const ssize_t got =
        read_all_at(page_map_, words.data(), wanted, (first + done) * sizeof words[0]);
    if (got != static_cast<ssize_t>(wanted)) refuse_ended();
    for (std::size_t i = 0; i < count; ++i) {
      const bool resident = bit(words[i], kPresentBit);
      states[done + i] = {resident, resident || bit(words[i], kSwappedBit)};
    }
    done += count;
  }
  return states;
}

}  // namespace tamari::lab
