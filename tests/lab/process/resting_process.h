// A child that prints one line when it is ready, and rests until the test ends it.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace tamari::lab {

class RestingProcess {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  RestingProcess(std::vector<std::string> words, const Environment& environment) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) become(std::move(words), environment, ends[1]);
    close(ends[1]);
    char c = 0;
    while (read(ends[0], &c, 1) == 1 && c != '\n') line_ += c;
    close(ends[0]);
  }
  ~RestingProcess() { end(); }
  RestingProcess(const RestingProcess&) = delete;
  RestingProcess& operator=(const RestingProcess&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& line() const { return line_; }

  // Leaves a process that has ended and was not waited for.
  void kill_only() const {
    kill(pid_, SIGKILL);
    siginfo_t info;
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  [[noreturn]] static void become(std::vector<std::string> words, const Environment& environment,
                                  int output) {
    dup2(output, STDOUT_FILENO);
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(arguments.front(), arguments.data());
    _exit(127);
  }

  pid_t pid_ = -1;
  std::string line_;
};

}  // namespace tamari::lab
