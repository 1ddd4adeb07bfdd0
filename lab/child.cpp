// See child.h. The caller has one thread: see spawner.h.
#include "lab/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <set>

#include "lab/spawner.h"
#include "lab/text.h"

namespace tamari::lab {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kMostOutput = 64 << 20;
constexpr std::size_t kReadBytes = 16384;
constexpr int kMostReads = (1 << 20) / kReadBytes;  // a pipe holds no more than 1 MiB

// Most libraries are mapped within a millisecond; a program that ends at once is seen only by
// looking often. Long waits afterwards: a quiet parent.
constexpr Seconds kEagerTime{0.02};
constexpr long kEagerPoll_ns = 200'000;
constexpr long kMapsPoll_ns = 2'000'000;
constexpr long kQuietPoll_ns = 100'000'000;

volatile std::sig_atomic_t g_interrupted = 0;

void note_interrupt(int) { g_interrupted = 1; }

struct Pipe {
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close(read_end);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_writer() {
    if (write_end >= 0) close(write_end);
    write_end = -1;
  }

  int read_end = -1;
  int write_end = -1;
};

bool maps_contain(pid_t pid, const FileIdentity& library) {
  std::ifstream maps(fmt::format("/proc/{}/maps", pid));
  std::set<std::string> seen;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t slash = line.find('/');
    if (slash == std::string::npos || !seen.insert(line.substr(slash)).second) continue;
    if (identify(line.substr(slash)) == library) return true;
  }
  return false;
}

// Follows one child that has been started until it has ended.
class Follower {
 public:
  Follower(const ChildRequest& request, Spawner& spawner, int out, int err, ChildResult& result)
      : request_(request),
        spawner_(spawner),
        result_(result),
        files_{{{out, POLLIN, 0}, {err, POLLIN, 0}, {spawner.end_file(), POLLIN, 0}}} {}

  LaunchEnd follow() {
    while (true) {
      const bool look = request_.must_map && !result_.mapped;
      const int ready = wait_for_events(look);
      if (look) result_.mapped = maps_contain(result_.pid, *request_.must_map);
      if (ready > 0) read_streams();
      if (ready > 0 && files_[2].revents != 0) break;
      stop_at_limits();
    }
    const LaunchEnd end = spawner_.wait();
    drain();
    return end;
  }

 private:
  int wait_for_events(bool look) {
    const bool eager = look && Clock::now() - start_ < kEagerTime;
    const timespec limit{0, eager ? kEagerPoll_ns : look ? kMapsPoll_ns : kQuietPoll_ns};
    return ppoll(files_.data(), files_.size(), &limit, nullptr);
  }

  void stop_at_limits() {
    if (interrupted()) result_.interrupted = true;
    if (Clock::now() - start_ > Seconds(request_.timeout_s)) result_.timed_out = true;
    if (result_.interrupted || result_.timed_out) kill(-result_.pid, SIGKILL);
  }

  // What the pipes hold now; a process that has left the group may go on writing for ever.
  void drain() {
    for (int i = 0; i < kMostReads && poll(files_.data(), 2, 0) > 0 && read_streams(); ++i) {
    }
  }

  // False if there was nothing.
  bool read_streams() {
    std::string* texts[2] = {&result_.out, &result_.err};
    bool any = false;
    for (std::size_t i = 0; i < 2; ++i) {
      if (files_[i].revents != 0) any |= read_some(files_[i].fd, *texts[i]);
    }
    return any;
  }

  bool read_some(int& file, std::string& text) {
    char buffer[kReadBytes];
    const ssize_t n = read(file, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) return true;
    if (n <= 0) {
      file = -1;  // poll skips it from here on
      return false;
    }
    if (text.size() < kMostOutput) {
      text.append(buffer, static_cast<std::size_t>(n));
    } else {
      result_.flooded = true;
    }
    return true;
  }

  const ChildRequest& request_;
  Spawner& spawner_;
  ChildResult& result_;
  std::array<pollfd, 3> files_;
  Clock::time_point start_ = Clock::now();
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

Usage usage_of(const rusage& raw) {
  Usage usage;
  usage.user_s = seconds(raw.ru_utime);
  usage.system_s = seconds(raw.ru_stime);
  usage.peak_kib = static_cast<double>(raw.ru_maxrss);
  usage.minor_faults = static_cast<double>(raw.ru_minflt);
  usage.major_faults = static_cast<double>(raw.ru_majflt);
  usage.context_switches = static_cast<double>(raw.ru_nvcsw + raw.ru_nivcsw);
  return usage;
}

// By what ends a job or a session, and not a program by itself; a shell tells it as 128 + signal.
bool ended_from_outside(const ChildResult& child) {
  constexpr int kShellBase = 128;
  if (child.interrupted || child.timed_out) return false;
  const int status = child.wait_status;
  const int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - kShellBase;
  return number == SIGHUP || number == SIGINT || number == SIGTERM || number == SIGKILL;
}

// Whoever ends a job tells its processes one by one, and the child may be told first: then it has
// not failed, it was interrupted.
void await_interrupt() {
  constexpr Seconds kPatience{1};
  constexpr timespec kNap{0, 10'000'000};
  const auto start = Clock::now();
  while (!interrupted() && Clock::now() - start < kPatience) nanosleep(&kNap, nullptr);
}

ChildResult run_with(Spawner& spawner, const ChildRequest& request) {
  ChildResult result;
  Pipe out;
  Pipe err;
  if (out.write_end < 0 || err.write_end < 0) return result;
  const auto pid =
      spawner.start({request.argv, merged_environment(request.environment), request.cpus},
                    out.write_end, err.write_end);
  out.close_writer();
  err.close_writer();
  if (!pid) return result;
  result.started = true;
  result.pid = *pid;
  const LaunchEnd end = Follower(request, spawner, out.read_end, err.read_end, result).follow();
  result.wait_status = end.wait_status;
  result.wall_s = end.wall_s;
  result.usage = usage_of(end.usage);
  if (ended_from_outside(result)) await_interrupt();
  result.interrupted |= interrupted();
  return result;
}

}  // namespace

std::optional<FileIdentity> identify(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileIdentity{info.st_dev, info.st_ino};
}

std::optional<int> ChildResult::exit_status() const {
  if (!started || !WIFEXITED(wait_status)) return std::nullopt;
  return WEXITSTATUS(wait_status);
}

std::string ChildResult::failure() const {
  if (!started) return "could not be started";
  if (interrupted) return "interrupted";
  if (timed_out) return fmt::format("timed out after {:.0f} s", wall_s);
  const std::string last_words = err.empty() ? "" : ": " + trim(err.substr(0, err.find('\n')));
  if (WIFSIGNALED(wait_status)) {
    return fmt::format("killed by {}{}", strsignal(WTERMSIG(wait_status)), last_words);
  }
  if (exit_status() != 0) {
    return fmt::format("exit status {}{}", exit_status().value_or(-1), last_words);
  }
  if (flooded) return fmt::format("printed more than {} MiB: send it to a file", kMostOutput >> 20);
  return {};
}

std::vector<std::string> merged_environment(const std::vector<EnvironmentChange>& changes) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const bool changed = std::any_of(changes.begin(), changes.end(),
                                     [&](const auto& change) { return change.name == name; });
    if (!changed) merged.emplace_back(text);
  }
  for (const EnvironmentChange& change : changes) {
    if (change.value) merged.push_back(change.name + "=" + *change.value);
  }
  return merged;
}

ChildResult run_child(const ChildRequest& request) {
  if (request.spawner != nullptr) return run_with(*request.spawner, request);
  Spawner spawner;
  return run_with(spawner, request);
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return g_interrupted != 0; }

}  // namespace tamari::lab
