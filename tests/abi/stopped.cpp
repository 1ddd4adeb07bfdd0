// A thread that is stopped at any instruction of a free or realloc, as by a scheduler or a
// collector that stops the world, while another ends the checks of the first blocks and writes to
// the blocks next to it: what it finds when it goes on is no reason to complain. The processor's
// trap flag takes it there, instruction by instruction.

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <ucontext.h>

#include <atomic>

#include "process.h"

namespace {

constexpr size_t kBlocks = 40;
constexpr size_t kVictim = 20;
constexpr size_t kSize = 400;
constexpr long kTrapFlag = 0x100;
constexpr int kHung = 128 + SIGALRM;  // stopped with a lock that the other needs

char* blocks[kBlocks];
char* empty;
std::atomic<long> seen, target;
std::atomic<bool> stopped, go_on, finished;

void on_trap(int, siginfo_t*, void* context) {
  if (++seen != target) return;
  stopped = true;
  while (!go_on) {
  }
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~kTrapFlag;
}

void set_trap_flag() {
  asm volatile("pushfq; orq %0, (%%rsp); popfq" : : "i"(kTrapFlag) : "memory", "cc");
}
void clear_trap_flag() {
  asm volatile("pushfq; andq %0, (%%rsp); popfq" : : "i"(~kTrapFlag) : "memory", "cc");
}

struct Scenario {
  const char* name;
  void (*call)();
};

void free_victim() {
  set_trap_flag();
  free(blocks[kVictim]);
  clear_trap_flag();
}

void grow_empty() {
  set_trap_flag();
  void* grown = realloc(empty, 300000);
  clear_trap_flag();
  REQUIRE(grown != nullptr);
}

constexpr Scenario kScenarios[] = {{"free", free_victim}, {"realloc", grow_empty}};

void* run_call(void* scenario) {
  free(malloc(8));  // attaches the thread
  static_cast<const Scenario*>(scenario)->call();
  finished = true;
  return nullptr;
}

void run_child(const Scenario& scenario, long instruction) {
  alarm(1);
  target = instruction;
  pthread_t thread;
  REQUIRE(pthread_create(&thread, nullptr, run_call, const_cast<Scenario*>(&scenario)) == 0);
  while (!stopped && !finished) {
  }
  opaque(malloc(2 << 20));  // ends the checks
  for (int i = 0; i < 200; ++i) {
    auto* block = static_cast<char*>(malloc(kSize));
    memset(block, 0xff, malloc_usable_size(block));
  }
  go_on = true;
  pthread_join(thread, nullptr);
}

}  // namespace

int main() {
  struct sigaction action = {};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, nullptr);
  for (char*& block : blocks) memset(block = static_cast<char*>(malloc(kSize)), 7, kSize);
  free(blocks[kVictim - 1]);
  empty = static_cast<char*>(malloc(0));
  for (const Scenario& scenario : kScenarios) {
    int judged = 0;
    for (long instruction = 1; instruction < 800; instruction += 7) {
      const pid_t child = fork();
      REQUIRE(child >= 0);
      if (child == 0) {
        run_child(scenario, instruction);
        _exit(0);
      }
      const int status = wait_for(child);
      if (status == 0) ++judged;
      if (status == 0 || status == kHung) continue;
      expect_fail(__FILE__, __LINE__, "%s stopped at instruction %ld: status %d", scenario.name,
                  instruction, status);
    }
    EXPECT(judged > 80);
  }
  return expect_status();
}
