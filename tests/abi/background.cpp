// The thread beside the program that gives memory back: libc does not know of it, a free brings it,
// and it keeps no privileges that the program gives up.
//
// background alone | from_free | privileges | forks

#include <dirent.h>
#include <grp.h>
#include <signal.h>
#include <sys/single_threaded.h>
#include <sys/time.h>

#include "process.h"

namespace {

constexpr size_t kBlocks = 4096;
constexpr size_t kBlockBytes = 5000;
constexpr uid_t kNobody = 65534;

void* blocks[kBlocks];

void fill() {
  for (void*& block : blocks) {
    block = malloc(kBlockBytes);
    REQUIRE(block != nullptr);
    memset(block, 1, kBlockBytes);
  }
}

void empty() {
  for (void* block : blocks) free(block);
}

// Of the thread "tamari" of this process, a line of its status; false when there is no such thread.
bool helper_status(const char* name, char* line, int capacity) {
  DIR* tasks = opendir("/proc/self/task");
  REQUIRE(tasks != nullptr);
  bool found = false;
  while (const dirent* task = found ? nullptr : readdir(tasks)) {
    char path[300];
    snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
    FILE* status = fopen(path, "re");
    if (status == nullptr) continue;  // "." and "..", or gone since
    if (fgets(line, capacity, status) != nullptr && strcmp(line, "Name:\ttamari\n") == 0) {
      while (!found && fgets(line, capacity, status) != nullptr)
        found = strncmp(line, name, strlen(name)) == 0;
    }
    fclose(status);
  }
  closedir(tasks);
  return found;
}

bool has_helper() {
  char line[256];
  return helper_status("Pid:", line, sizeof line);
}

bool helper_is_root() {
  char line[256];
  unsigned uid = 1;
  return helper_status("Uid:", line, sizeof line) && sscanf(line, "Uid: %u", &uid) == 1 && uid == 0;
}

template <typename Condition>
bool comes_true(Condition condition, double seconds) {
  for (const double end = seconds_now() + seconds; seconds_now() < end; sleep_ms(20))
    if (condition()) return true;
  return false;
}

void alone() {
  fill();
  if (expect_library()) EXPECT(comes_true(has_helper, 1));
  EXPECT(__libc_single_threaded != 0);
  empty();
  const long goal = 8 << 10;
  if (expect_library()) EXPECT_AT_MOST(settle_kib(goal, 5), goal);
}

// Nothing is allocated after it.
void from_free() {
  constexpr size_t kBytes = 6 << 20;
  auto* block = static_cast<char*>(malloc(kBytes));
  REQUIRE(block != nullptr);
  memset(block, 1, kBytes);
  const long full = resident_kib();
  free(block);
  EXPECT_AT_MOST(settle_kib(full - (5 << 10), 5), full - (5 << 10));
}

// As a server does that starts as root: libc changes the user of every thread that it knows.
void privileges() {
  if (geteuid() != 0 || setgroups(0, nullptr) != 0) _exit(77);
  fill();
  EXPECT(comes_true(helper_is_root, 1));
  if (setresgid(kNobody, kNobody, kNobody) != 0 || setresuid(kNobody, kNobody, kNobody) != 0)
    _exit(77);
  EXPECT(comes_true([] { return !helper_is_root(); }, 3));
  empty();
  EXPECT(comes_true(has_helper, 1));
  EXPECT(!helper_is_root());
  const long goal = 8 << 10;
  EXPECT_AT_MOST(settle_kib(goal, 5), goal);
}

void fork_and_wait() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  if (child < 0 || wait_for(child) != 0) _exit(1);
}

// A handler that forks on top of a fork: in a program of several threads it would wait for what
// libc's fork has locked.
void forks() {
  alarm(60);
  fill();
  if (expect_library()) EXPECT(comes_true(has_helper, 1));
  static volatile sig_atomic_t in_handler;
  struct sigaction action = {};
  action.sa_handler = [](int) {
    fork_and_wait();
    in_handler = in_handler + 1;
  };
  action.sa_flags = SA_RESTART;
  REQUIRE(sigaction(SIGPROF, &action, nullptr) == 0);
  const itimerval often = {{0, 1000}, {0, 1000}};
  REQUIRE(setitimer(ITIMER_PROF, &often, nullptr) == 0);
  while (in_handler < 300) fork_and_wait();
  const itimerval never = {};
  REQUIRE(setitimer(ITIMER_PROF, &never, nullptr) == 0);
  empty();
}

constexpr Case kCases[] = {
    {"alone", alone}, {"from_free", from_free}, {"privileges", privileges}, {"forks", forks}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
