// See spawner.h. The maker has one thread, so a plain fork is safe. Parent and server exchange
// structures over a socket: a request with its words, then the pid, then the end.
#include "lab/spawner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string_view>

#include "lab/command_error.h"

namespace tamari::lab {
namespace {

constexpr int kExecFailed = 127;
constexpr std::size_t kStreams = 2;

struct Request {
  std::size_t arguments = 0;
  std::size_t bytes = 0;  // of the words that follow, each with its zero
  bool pinned = false;
  cpu_set_t cpus{};
  int streams[kStreams] = {-1, -1};  // in the server: its own numbers
};

bool send_all(int socket, const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = send(socket, next, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    next += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int socket, void* data, std::size_t size) {
  char* next = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t received = recv(socket, next, size, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    next += received;
    size -= static_cast<std::size_t>(received);
  }
  return true;
}

// A message header with room for the two streams beside the request.
struct Envelope {
  explicit Envelope(Request& request) : body{&request, sizeof request} {
    header.msg_iov = &body;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  iovec body;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int[kStreams]))] = {};
  msghdr header{};
};

bool send_request(int socket, Request& request, const std::string& words) {
  Envelope envelope(request);
  cmsghdr* rights = CMSG_FIRSTHDR(&envelope.header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof request.streams);
  std::memcpy(CMSG_DATA(rights), request.streams, sizeof request.streams);
  ssize_t sent = 0;
  do {
    sent = sendmsg(socket, &envelope.header, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof request) &&
         send_all(socket, words.data(), words.size());
}

bool receive_request(int socket, Request& request, std::string& words) {
  Envelope envelope(request);
  if (recvmsg(socket, &envelope.header, MSG_CMSG_CLOEXEC | MSG_WAITALL) != sizeof request) {
    return false;
  }
  const cmsghdr* rights = CMSG_FIRSTHDR(&envelope.header);
  if (rights == nullptr) return false;
  std::memcpy(request.streams, CMSG_DATA(rights), sizeof request.streams);
  words.resize(request.bytes);
  return receive_all(socket, words.data(), words.size());
}

[[noreturn]] void give_up(const char* what) {
  dprintf(STDERR_FILENO, "cannot run %s: %s\n", what, std::strerror(errno));
  _exit(kExecFailed);
}

[[noreturn]] void become(const Request& request, char* const* argv, char* const* environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // no orphan keeps a core busy
  setpgid(0, 0);
  for (const int number : {SIGINT, SIGTERM, SIGXFSZ}) std::signal(number, SIG_DFL);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(request.streams[0], STDOUT_FILENO);
  dup2(request.streams[1], STDERR_FILENO);
  if (request.pinned && sched_setaffinity(0, sizeof request.cpus, &request.cpus) != 0) {
    give_up("on these CPUs");
  }
  execve(argv[0], argv, environment);
  give_up(argv[0]);
}

// Two null-terminated lists of pointers into `words`.
struct Pointers {
  Pointers(const Request& request, std::string& words) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < words.size(); at += std::strlen(&words[at]) + 1) {
      (count++ < request.arguments ? argv : environment).push_back(&words[at]);
    }
    argv.push_back(nullptr);
    environment.push_back(nullptr);
  }
  std::vector<char*> argv;
  std::vector<char*> environment;
};

// Returns once the child is past exec, which closes the pipe: its maps are its own from then on.
pid_t fork_child(const Request& request, std::string& words) {
  const Pointers pointers(request, words);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  const pid_t pid = fork();
  if (pid == 0) become(request, pointers.argv.data(), pointers.environment.data());
  if (pid > 0) setpgid(pid, pid);
  close(ends[1]);
  char nothing = 0;
  while (read(ends[0], &nothing, 1) < 0 && errno == EINTR) {
  }
  close(ends[0]);
  return pid;
}

int reap(pid_t pid, rusage& usage) {
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  kill(-pid, SIGKILL);  // the unreaped child still keeps the number of its group
  int status = -1;
  while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  return status;
}

// Ignores what a terminal sends to all: the parent decides when a child is to end.
[[noreturn]] void serve(int socket, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_IGN);
  Request request;
  std::string words;
  while (receive_request(socket, request, words)) {
    const auto start = std::chrono::steady_clock::now();
    const pid_t pid = fork_child(request, words);
    for (const int stream : request.streams) close(stream);
    if (!send_all(socket, &pid, sizeof pid) || pid < 0) continue;
    LaunchEnd end;
    end.wait_status = reap(pid, end.usage);
    end.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    send_all(socket, &end, sizeof end);
  }
  _exit(0);
}

[[noreturn]] void report_death() {
  throw CommandError(kHarness,
                     "the process that starts the samples has died: out of memory? start again");
}

}  // namespace

Spawner::Spawner() {
  int ends[2];
  const pid_t parent = getpid();
  const bool paired = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
  server_ = paired ? fork() : -1;
  if (server_ < 0) {
    throw CommandError(kHarness, fmt::format("cannot start a process: {}", std::strerror(errno)));
  }
  if (server_ == 0) {
    close(ends[0]);
    serve(ends[1], parent);
  }
  close(ends[1]);
  socket_ = ends[0];
}

// A child that still runs, because of an exception, dies with the server.
Spawner::~Spawner() {
  close(socket_);
  kill(server_, SIGKILL);
  while (waitpid(server_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<pid_t> Spawner::start(const Launch& launch, int out, int err) {
  std::string words;
  for (const auto* list : {&launch.argv, &launch.environment}) {
    for (const std::string& word : *list) words.append(word).push_back('\0');
  }
  Request request;
  request.arguments = launch.argv.size();
  request.bytes = words.size();
  request.pinned = launch.cpus.has_value();
  if (launch.cpus) request.cpus = *launch.cpus;
  request.streams[0] = out;
  request.streams[1] = err;
  pid_t pid = -1;
  if (!send_request(socket_, request, words) || !receive_all(socket_, &pid, sizeof pid)) {
    report_death();
  }
  return pid < 0 ? std::nullopt : std::optional(pid);
}

LaunchEnd Spawner::wait() {
  LaunchEnd end;
  if (!receive_all(socket_, &end, sizeof end)) report_death();
  return end;
}

}  // namespace tamari::lab
