// 32 threads, or fewer, allocate, free remotely and pass blocks on while the main thread forks.
// Children call setenv and popen, allocate, free what they inherited, fork again, exec, or live on
// with threads of their own. No child may hang or fail, and the parent may not grow.
//
// fork_storm FORKS [THREADS]

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "../abi/all_sizes.h"
#include "../abi/mixed.h"
#include "figure.h"
#include "fork_actions.h"

namespace {

constexpr unsigned long kMostWorkers = 32;
constexpr unsigned long kSlots = 64;
constexpr unsigned kChildSeconds = 20;
constexpr int kHung = 128 + SIGALRM;
constexpr int kActions = 7;

// Every slot holds a live block or null, so that a child may free what it finds in any of them.
std::atomic<char*> slots[kMostWorkers][kSlots];
unsigned long workers = kMostWorkers;
std::atomic<bool> stopping;

// A live block starts with its own size and ends with a mark.
char* make_block(size_t size) {
  auto* block = static_cast<char*>(malloc(size));
  REQUIRE(block != nullptr);
  memcpy(block, &size, sizeof size);
  block[size - 1] = 'e';
  return block;
}

void end_block(char* block) {
  if (block == nullptr) return;
  size_t size = 0;
  memcpy(&size, block, sizeof size);
  EXPECT(size >= 16 && size <= 256 * 1024 && block[size - 1] == 'e');
  free(block);
}

// The forking thread and its children come first, on few processors too. (On Linux nice is the
// thread's own.)
void step_back() { REQUIRE(nice(19) >= 0); }

void churn(unsigned long worker) {
  step_back();
  Random random(worker + 1);
  while (!stopping.load(std::memory_order_relaxed)) {
    const size_t size = random.below(64) == 0 ? 100000 + random.below(150000) : mixed_size(random);
    const unsigned long row = random.below(4) == 0 ? random.below(workers) : worker;
    end_block(slots[row][random.below(kSlots)].exchange(make_block(size)));
    if (random.below(400) == 0) sleep_ms(4);
  }
}

void free_inherited(unsigned long from, unsigned long to) {
  for (unsigned long worker = from; worker < to; ++worker) {
    for (auto& slot : slots[worker]) end_block(slot.exchange(nullptr));
  }
}

void live_on() {
  std::vector<std::thread> threads;
  for (unsigned long t = 0; t < 4; ++t) threads.emplace_back(churn, t);
  sleep_ms(3);
  stopping = true;
  for (std::thread& thread : threads) thread.join();
  free_inherited(0, workers);
}

// Each action as often as any other, so that all meet the threads at every point.
void in_child(int number) {
  alarm(kChildSeconds);
  allocate_all_sizes();
  const unsigned long row = static_cast<unsigned long>(number / kActions) % workers;
  free_inherited(row, row + 1);
  switch (number % kActions) {
    case 0:
      free_inherited(0, workers);
      break;
    case 1:
      use_environment();
      break;
    case 2:
      use_shell();
      break;
    case 3:
      become_another_program();
    case 4:
      live_on();
      break;
    case 5:
      fork_again(kChildSeconds, [] {
        allocate_all_sizes();
        free_inherited(workers / 2, workers);
      });
      break;
    default:
      break;
  }
  allocate_all_sizes();
}

struct Result {
  int hung = 0;
  int failed = 0;
  double longest = 0;  // ms from fork to the child's end
};

void one_fork(int number, Result& result) {
  const double start = seconds_now();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    in_child(number);
    _exit(expect_status());
  }
  const int status = wait_for(child);
  result.longest = std::max(result.longest, (seconds_now() - start) * 1000);
  result.hung += status == kHung;
  result.failed += status != 0 && status != kHung;
}

void storm(int forks) {
  std::vector<std::thread> threads;
  for (unsigned long t = 0; t < workers; ++t) threads.emplace_back(churn, t);
  sleep_ms(500);
  Result result;
  long warm = 0;
  const double start = seconds_now();
  for (int i = 0; i < forks && result.hung < 3; ++i) {
    if (i == forks / 10) warm = resident_kib();
    one_fork(i, result);
  }
  const double seconds = seconds_now() - start;
  const long grown = resident_kib() - warm;
  stopping = true;
  for (std::thread& thread : threads) thread.join();
  free_inherited(0, workers);
  note("forks", forks, "forks");
  note("rate", forks / seconds, "forks/s");
  note("longest child", result.longest, "ms");
  at_most("children that hung", result.hung, 0, "children");
  at_most("children that failed", result.failed, 0, "children");
  at_most("growth of the parent after a tenth of the forks", static_cast<double>(grown), 16384,
          "KiB");
  at_most("RSS 5 s after the end", static_cast<double>(resident_after(5)),
          settled_bound_kib(8 << 10), "KiB");
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc == 2 || argc == 3);
  if (argc == 3) workers = strtoul(argv[2], nullptr, 10);
  REQUIRE(workers >= 4 && workers <= kMostWorkers);  // a child that lives on starts four
  storm(atoi(argv[1]));
  return expect_status();
}
