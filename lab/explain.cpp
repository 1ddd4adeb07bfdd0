// See explain.h.
#include "lab/explain.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "lab/command_error.h"
#include "lab/experiment/exit_statistics.h"
#include "lab/process/process_snapshot.h"

namespace tamari::lab {
namespace {

// The child has this process's terminal. An interrupt from there is for the child alone.
int run_to_the_end(const std::string& path, const std::vector<std::string>& command, pid_t& child) {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &before);
  child = fork();
  if (child < 0) throw CommandError(kHarness, "cannot make a process for the program");
  if (child == 0) {
    sigaction(SIGINT, &before, nullptr);
    try {
      replace_process(path, command);
    } catch (const CommandError& error) {
      std::fprintf(stderr, "tamari: %s\n", error.what());
      _exit(error.status());
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  sigaction(SIGINT, &before, nullptr);
  return status;
}

std::string end_words(int status) {
  return WIFSIGNALED(status) ? fmt::format("by signal {}", WTERMSIG(status))
                             : fmt::format("with status {}", WEXITSTATUS(status));
}

struct Explained {
  Snapshot snapshot;
  bool program_failed = false;
};

Explained run_and_read(RunOptions options) {
  const StatisticsFolder folder;
  options.settings.push_back("stats_at_exit=json:" + folder.file("%p.json"));
  const std::string path = prepare_program(options);
  pid_t child = -1;
  const int status = run_to_the_end(path, options.command, child);
  const std::string& program = options.command.front();
  const std::string file = folder.file(std::to_string(child) + ".json");
  if (!std::filesystem::exists(file)) {
    throw CommandError(kHarness,
                       fmt::format("{} left no snapshot: it ended {}, without its exit handlers",
                                   program, end_words(status)));
  }
  if (status != 0) {
    std::fprintf(stderr, "tamari: %s ended %s\n", program.c_str(), end_words(status).c_str());
  }
  return {read_snapshot(file), status != 0};
}

}  // namespace

int explain(const ExplainOptions& options) {
  const Explained explained = options.process ? Explained{snapshot_of_process(*options.process)}
                              : options.file.empty() ? run_and_read(options.run)
                                                     : Explained{read_snapshot(options.file)};
  fmt::print("{}", options.json ? explain_as_json(explained.snapshot)
                                : explain_as_text(explained.snapshot));
  return explained.program_failed ? kSampleFailed : kDone;
}

}  // namespace tamari::lab
