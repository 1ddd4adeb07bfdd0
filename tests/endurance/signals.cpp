// A handler that allocates and frees, ten thousand times a second, while the thread that it
// interrupts does the same with other sizes. tamari does not promise that malloc in a handler
// works; what it owes is that blocks in an array are had without a lock, so that such a program
// does not hang at once. The handler's class stays warm: its calls are hits.
//
// signals [SECONDS]

#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>

#include "../abi/mixed.h"
#include "figure.h"

namespace {

constexpr long kEveryNs = 100000;
constexpr size_t kHandlers = 40;  // bytes; nobody else has this size class
constexpr size_t kBlocks = 64;

volatile sig_atomic_t handled;

void allocate_in_handler(int) {
  char* block = static_cast<char*>(malloc(kHandlers));
  if (block != nullptr) block[0] = block[kHandlers - 1] = 'h';
  free(block);
  handled = handled + 1;
}

timer_t start_timer() {
  struct sigaction action = {};
  action.sa_handler = allocate_in_handler;
  action.sa_flags = SA_RESTART;
  REQUIRE(sigaction(SIGRTMIN, &action, nullptr) == 0);
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGRTMIN;
  timer_t timer;
  REQUIRE(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  const itimerspec often = {{0, kEveryNs}, {0, kEveryNs}};
  REQUIRE(timer_settime(timer, 0, &often, nullptr) == 0);
  return timer;
}

// The interrupted thread: hits for the most part, with its own marks.
size_t traffic(double seconds) {
  static char* blocks[kBlocks];
  size_t rounds = 0;
  Random random(1);
  const double end = seconds_now() + seconds;
  while (seconds_now() < end) {
    for (int i = 0; i < 1000; ++i) {
      char*& slot = blocks[random.below(kBlocks)];
      if (slot != nullptr) REQUIRE(slot[0] == 'm' && slot[99] == 'm');
      free(slot);
      slot = static_cast<char*>(malloc(100 + random.below(3) * 300));
      REQUIRE(slot != nullptr);
      slot[0] = slot[99] = 'm';
    }
    ++rounds;
  }
  for (char* block : blocks) free(block);
  return rounds * 1000;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 10;
  alarm(static_cast<unsigned>(seconds * 3 + 30));  // a hang ends here
  free(opaque(malloc(kHandlers)));
  const timer_t timer = start_timer();
  const size_t operations = traffic(seconds);
  timer_delete(timer);
  note("allocated and freed meanwhile", static_cast<double>(operations) / seconds, "blocks/s");
  at_least("signals handled", static_cast<double>(handled) / seconds, 1000, "signals/s");
  return expect_status();
}
