// fork from a signal handler that interrupted malloc or free, alone and among other threads. The
// child leaves at once, allocates in the handler, or returns from the handler and lives on, in the
// middle of what was interrupted. No child may hang or fail.
//
// fork_handler leaves|allocates|returns|becomes [threads]

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include <atomic>

#include "../abi/all_sizes.h"
#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr int kForks = 1500;
constexpr unsigned kChildSeconds = 5;
constexpr int kHung = 128 + SIGALRM;
constexpr size_t kSlots = 256;
constexpr unsigned long kWorkers = 4;

enum What { kLeaves, kAllocates, kReturns, kBecomes } what;
constexpr const char* kWhat[] = {"leaves", "allocates", "returns", "becomes"};

volatile sig_atomic_t forks, hung, failed;
volatile sig_atomic_t in_child;
std::atomic<bool> stopping;

void fork_in_handler(int) {
  if (in_child || forks >= kForks || hung >= 5) return;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child != 0) {
    const int status = wait_for(child);
    forks = forks + 1;
    if (status == kHung) hung = hung + 1;
    if (status != 0 && status != kHung) failed = failed + 1;
    return;
  }
  in_child = 1;
  signal(SIGALRM, SIG_DFL);
  alarm(kChildSeconds);
  if (what == kReturns) return;
  if (what == kAllocates) allocate_all_sizes();
  if (what == kBecomes) {
    unsetenv("LD_PRELOAD");
    execl("/bin/true", "true", nullptr);
  }
  _exit(expect_status());
}

// Each block says how long it is, at both ends.
void traffic(Random& random, char** blocks) {
  for (int i = 0; i < 2000; ++i) {
    char*& slot = blocks[random.below(kSlots)];
    if (slot != nullptr) {
      size_t size = 0;
      memcpy(&size, slot, sizeof size);
      REQUIRE(size >= 32 && size < 600000 && slot[size - 1] == static_cast<char>(size));
      free(slot);
    }
    const size_t size = random.below(50) == 0 ? 20000 + random.below(500000) : mixed_size(random);
    slot = static_cast<char*>(malloc(size));
    REQUIRE(slot != nullptr);
    memcpy(slot, &size, sizeof size);
    slot[size - 1] = static_cast<char>(size);
  }
}

void free_all(char** blocks) {
  for (size_t i = 0; i < kSlots; ++i) {
    free(blocks[i]);
    blocks[i] = nullptr;
  }
}

// A child that returned from the handler goes on for a while, and then leaves as programs do.
void interrupted() {
  static char* blocks[kSlots];
  Random random(1);
  while (!in_child && forks < kForks && hung < 5) traffic(random, blocks);
  if (!in_child) return;
  traffic(random, blocks);
  free_all(blocks);
  allocate_all_sizes();
  _exit(expect_status());
}

void* worker(void* self) {
  REQUIRE(nice(10) >= 0);
  char* blocks[kSlots] = {};
  Random random(reinterpret_cast<unsigned long>(self));
  while (!stopping) traffic(random, blocks);
  free_all(blocks);
  return nullptr;
}

void set_timer(long every_us) {
  const itimerval often = {{0, every_us}, {0, every_us}};
  REQUIRE(setitimer(ITIMER_PROF, &often, nullptr) == 0);
}

void mask(int how) {
  sigset_t profiling;
  sigemptyset(&profiling);
  sigaddset(&profiling, SIGPROF);
  REQUIRE(pthread_sigmask(how, &profiling, nullptr) == 0);
}

void run(unsigned long workers) {
  pthread_t threads[kWorkers];
  mask(SIG_BLOCK);  // workers inherit it: the signal always interrupts this thread
  for (unsigned long t = 0; t < workers; ++t) {
    REQUIRE(pthread_create(&threads[t], nullptr, worker, reinterpret_cast<void*>(t + 2)) == 0);
  }
  mask(SIG_UNBLOCK);
  struct sigaction action = {};
  action.sa_handler = fork_in_handler;
  action.sa_flags = SA_RESTART;
  REQUIRE(sigaction(SIGPROF, &action, nullptr) == 0);
  set_timer(1000);
  interrupted();
  set_timer(0);
  stopping = true;
  for (unsigned long t = 0; t < workers; ++t) pthread_join(threads[t], nullptr);
  note("forks from the handler", forks, "forks");
  at_most("children that hung", hung, 0, "children");
  at_most("children that failed", failed, 0, "children");
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc >= 2);
  for (int i = 0; i < 4; ++i) {
    if (strcmp(argv[1], kWhat[i]) == 0) what = static_cast<What>(i);
  }
  run(argc > 2 ? kWorkers : 0);
  return expect_status();
}
