#include "supervisor.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <fstream>

#include "../abi/process.h"

namespace {

constexpr int kOver =
    SYS_getsid;  // a call that nobody else makes: the child's word that it is over

#if defined(__x86_64__)
constexpr unsigned kMachine = AUDIT_ARCH_X86_64;
#else
constexpr unsigned kMachine = AUDIT_ARCH_AARCH64;
#endif

sock_filter statement(int code, size_t value) {
  return {static_cast<unsigned short>(code), 0, 0, static_cast<unsigned>(value)};
}

// Installs the filter in the calling process and returns its listener.
int install_listener(const std::vector<int>& calls) {
  std::vector<sock_filter> code = {
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kMachine},
      statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const int call : calls) {
    code.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<unsigned>(call)});
    code.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
  }
  code.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program = {static_cast<unsigned short>(code.size()), code.data()};
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  return static_cast<int>(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

// The library's text in a process; ranges are looked up anew until it is there.
class LibraryText {
 public:
  bool contains(pid_t process, unsigned long address) {
    if (end_ == 0) find(process);
    return address >= start_ && address < end_;
  }

 private:
  void find(pid_t process) {
    std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
    for (std::string line; std::getline(maps, line);) {
      if (line.find("libtamari") == std::string::npos || line.find(" r-xp ") == std::string::npos)
        continue;
      start_ = std::stoul(line, nullptr, 16);
      end_ = std::stoul(line.substr(line.find('-') + 1), nullptr, 16);
    }
  }
  unsigned long start_ = 0, end_ = 0;
};

class Supervisor {
 public:
  Supervisor(int listener, const Kind& kind, Plan plan)
      : listener_(listener), kind_(kind), plan_(plan) {}

  // Until the child has ended.
  void serve() {
    for (;;) {
      pollfd ready = {listener_, POLLIN, 0};
      if (poll(&ready, 1, -1) < 0) continue;
      if ((ready.revents & POLLIN) == 0) return;
      seccomp_notif request = {};
      if (ioctl(listener_, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) continue;
      seccomp_notif_resp answer = {};
      answer.id = request.id;
      if (fails(request)) {
        answer.error = -kind_.error;
      } else {
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
      }
      ioctl(listener_, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
  }

  size_t calls() const { return calls_; }
  size_t failed() const { return failed_; }

 private:
  bool fails(const seccomp_notif& request) {
    if (request.data.nr == kOver) over_ = true;
    const auto process = static_cast<pid_t>(request.pid);
    if (over_ || (kind_.by_library && !text_.contains(process, request.data.instruction_pointer)))
      return false;
    ++calls_;
    const bool chosen =
        plan_.first != 0 && (plan_.and_on ? calls_ >= plan_.first : calls_ == plan_.first);
    failed_ += chosen;
    return chosen;
  }

  int listener_;
  const Kind& kind_;
  Plan plan_;
  LibraryText text_;
  bool over_ = false;
  size_t calls_ = 0;
  size_t failed_ = 0;
};

// Everything is made ready before the filter is there: from then on each call counts. Waits for the
// parent's word, because the listener closes at exec.
[[noreturn]] void become(std::vector<int> calls, char* const* argv, int line, unsigned seconds) {
  calls.push_back(kOver);
  const int listener = install_listener(calls);
  char word = 0;
  REQUIRE(write(line, &listener, sizeof listener) == sizeof listener);
  REQUIRE(read(line, &word, 1) == 1);
  alarm(seconds);
  execv(argv[0], argv);
  _exit(127);
}

}  // namespace

Outcome run_with_faults(const Kind& kind, Plan plan, const std::vector<std::string>& argv,
                        unsigned seconds) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) become(kind.calls, words.data(), ends[1], seconds);
  close(ends[1]);
  int theirs = -1;
  REQUIRE(read(ends[0], &theirs, sizeof theirs) == sizeof theirs && theirs >= 0);
  const auto process = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  const auto listener = static_cast<int>(syscall(SYS_pidfd_getfd, process, theirs, 0));
  REQUIRE(process >= 0 && listener >= 0);
  REQUIRE(write(ends[0], "", 1) == 1);
  close(process);
  close(ends[0]);
  Supervisor supervisor(listener, kind, plan);
  supervisor.serve();
  close(listener);
  return {wait_for(child), supervisor.calls(), supervisor.failed()};
}

void trouble_is_over() { syscall(kOver, -1); }
