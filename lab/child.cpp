// See child.h. The caller has one thread, so a plain fork is safe.
#include "lab/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <set>

#include "lab/text.h"

namespace tamari::lab {
namespace {

using Clock = std::chrono::steady_clock;

// Short while the maps are still to be seen, long afterwards: a quiet parent.
constexpr int kMapsPollMs = 2;
constexpr int kQuietPollMs = 100;
constexpr int kExecFailed = 127;

volatile std::sig_atomic_t g_interrupted = 0;

void note_interrupt(int) { g_interrupted = 1; }

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

[[noreturn]] void become(char* const* argv, char* const* environment, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // no orphan keeps a core busy
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execve(argv[0], argv, environment);
  dprintf(STDERR_FILENO, "cannot run %s: %s\n", argv[0], std::strerror(errno));
  _exit(kExecFailed);
}

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

// Appends what is there; false at the end of the stream.
bool read_some(int file, std::string& text) {
  char buffer[16384];
  const ssize_t n = read(file, buffer, sizeof buffer);
  if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

// Follows the child until both of its streams are closed, killing it at the limit.
void follow(pid_t pid, int out, int err, const ChildRequest& request, ChildResult& result) {
  const auto deadline = Clock::now() + std::chrono::duration<double>(request.timeout_s);
  pollfd streams[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
  std::string* texts[2] = {&result.out, &result.err};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    const bool look = request.must_map && !result.mapped;
    const int ready = poll(streams, 2, look ? kMapsPollMs : kQuietPollMs);
    if (look) result.mapped = maps_contain(pid, *request.must_map);
    if (interrupted()) result.interrupted = true;
    if (Clock::now() > deadline) result.timed_out = true;
    if (result.interrupted || result.timed_out) {
      kill(pid, SIGKILL);
      return;
    }
    for (int i = 0; i < 2 && ready > 0; ++i) {
      if (streams[i].revents == 0 || read_some(streams[i].fd, *texts[i])) continue;
      streams[i].fd = -1;  // poll skips it from here on
    }
  }
}

int reap(pid_t pid) {
  int status = -1;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
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
  if (exit_status() == 0) return {};
  return fmt::format("exit status {}{}", exit_status().value_or(-1), last_words);
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
  ChildResult result;
  std::vector<std::string> argv_words = request.argv;
  std::vector<std::string> environment_words = merged_environment(request.environment);
  const std::vector<char*> argv = pointers(argv_words);
  const std::vector<char*> environment = pointers(environment_words);
  Pipe out;
  Pipe err;
  if (!out.open() || !err.open()) return result;
  const auto start = Clock::now();
  const pid_t pid = fork();
  if (pid == 0) become(argv.data(), environment.data(), out.write_end, err.write_end);
  close(out.write_end);
  close(err.write_end);
  if (pid > 0) {
    result.started = true;
    follow(pid, out.read_end, err.read_end, request, result);
    result.wait_status = reap(pid);
    result.interrupted |= interrupted();
    result.wall_s = std::chrono::duration<double>(Clock::now() - start).count();
  }
  close(out.read_end);
  close(err.read_end);
  return result;
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return g_interrupted != 0; }

}  // namespace tamari::lab
