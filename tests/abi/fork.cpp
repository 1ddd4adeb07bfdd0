// fork in a threaded process, against stdio's locks and from a signal handler; the child lives on,
// and gives memory back. (tests/endurance/fork_storm.cpp: many forks, more kinds of children.) A
// child that hangs is ended by its alarm, the parent by its own.

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include <atomic>
#include <thread>
#include <vector>

#include "all_sizes.h"
#include "process.h"

namespace {

constexpr int kWorkers = 4;
constexpr int kSlots = 64;
constexpr unsigned kChildSeconds = 30;

// Every slot holds a live block or null, so that a child may free what it finds in any of them.
std::atomic<char*> slots[kWorkers][kSlots];
std::atomic<bool> stopping;

// The forking thread and its children come first, on few processors too; the others still run, or
// are stopped in the middle of malloc, whenever it forks. (On Linux nice is the thread's own.)
void step_back() { REQUIRE(nice(10) >= 0); }

void churn(int worker) {
  step_back();
  unsigned long state = static_cast<unsigned long>(worker) + 1;
  while (!stopping.load(std::memory_order_relaxed)) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const size_t size = size_t{16} << (state >> 40) % 13;
    auto* block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr);
    block[0] = block[size - 1] = 'c';
    // A neighbour's slot now and then: the block is then freed by another thread.
    const auto row = (static_cast<unsigned long>(worker) + ((state >> 50) % 4 == 0)) % kWorkers;
    free(slots[row][(state >> 33) % kSlots].exchange(block));
  }
}

class Workers {
 public:
  Workers() {
    for (int i = 0; i < kWorkers; ++i) threads_.emplace_back(churn, i);
    while (slots[kWorkers - 1][0] == nullptr) sleep_ms(1);
  }
  ~Workers() {
    stopping = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::vector<std::thread> threads_;
};

void free_inherited(int worker) {
  for (auto& slot : slots[worker]) {
    char* block = slot.exchange(nullptr);
    if (block == nullptr) continue;
    EXPECT(block[0] == 'c');
    free(block);
  }
}

template <typename Action>
int in_child(Action action) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child != 0) return wait_for(child);
  alarm(kChildSeconds);
  action();
  _exit(expect_status());
}

// getline holds the stream's lock while it allocates; fflush(NULL) takes the list of streams, then
// each lock; fork takes the list as well. A prepare handler that waits for the allocator's locks
// closes the circle.
void read_lines(FILE* stream) {
  char* line = nullptr;
  size_t room = 0;
  while (!stopping) {
    rewind(stream);
    while (getline(&line, &room, stream) > 0) {
      free(line);
      line = nullptr;
      room = 0;
    }
  }
  free(line);
}

FILE* stream_of_lines() {
  FILE* stream = tmpfile();
  REQUIRE(stream != nullptr);
  for (int i = 0; i < 40; ++i) fprintf(stream, "%*d\n", i * 7919 % 400000 + 1, i);
  return stream;
}

void against_stdio() {
  FILE* streams[3] = {stream_of_lines(), stream_of_lines(), stream_of_lines()};
  std::vector<std::thread> threads;
  for (FILE* stream : streams) threads.emplace_back(read_lines, stream);
  threads.emplace_back([] {
    // Without the pause this thread keeps the list of streams, and fork starves waiting for it.
    for (; !stopping; usleep(50)) fflush(nullptr);
  });
  threads.emplace_back(churn, 0);
  for (int i = 0; i < 150 && expect_status() == 0; ++i) EXPECT(in_child(allocate_all_sizes) == 0);
  stopping = true;
  for (std::thread& thread : threads) thread.join();
  for (FILE* stream : streams) fclose(stream);
}

volatile sig_atomic_t forks_in_handler;

// The child only leaves: it may have been born in the middle of malloc.
void fork_in_handler(int) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  if (child < 0 || wait_for(child) != 0) _exit(1);
  forks_in_handler = forks_in_handler + 1;
}

void mixed_traffic() {
  static void* blocks[256];
  static unsigned long state = 1;
  for (int i = 0; i < 1000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    void*& slot = blocks[(state >> 33) % 256];
    free(slot);
    slot = malloc(size_t{16} << (state >> 45) % 16);
    REQUIRE(slot != nullptr);
  }
}

void interrupt_malloc_until(int forks) {
  struct sigaction action = {};
  action.sa_handler = fork_in_handler;
  action.sa_flags = SA_RESTART;
  REQUIRE(sigaction(SIGPROF, &action, nullptr) == 0);
  const itimerval often = {{0, 1000}, {0, 1000}};
  REQUIRE(setitimer(ITIMER_PROF, &often, nullptr) == 0);
  while (forks_in_handler < forks) mixed_traffic();
  const itimerval never = {};
  REQUIRE(setitimer(ITIMER_PROF, &never, nullptr) == 0);
}

void from_handler() { interrupt_malloc_until(500); }

// A daemon: the child starts threads of its own and ends through exit.
void child_lives_on() {
  const Workers workers;
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child != 0) {
      EXPECT(wait_for(child) == 0);
      continue;
    }
    alarm(kChildSeconds);
    std::vector<std::thread> own;
    for (int t = 0; t < kWorkers; ++t) own.emplace_back(churn, t);
    sleep_ms(50);
    allocate_all_sizes();
    stopping = true;
    for (std::thread& thread : own) thread.join();
    for (int worker = 0; worker < kWorkers; ++worker) free_inherited(worker);
    exit(expect_status());
  }
}

// Purging needs no call in the child either, although the parent's helper thread is not there.
void child_gives_back() {
  constexpr size_t kBlocks = 16384;
  constexpr size_t kSize = 5000;
  void** blocks = map_table<void*>(kBlocks);
  std::thread([=] {
    for (size_t i = 0; i < kBlocks; ++i) {
      blocks[i] = malloc(kSize);
      memset(blocks[i], 1, kSize);
    }
  }).join();
  const long full = resident_kib();
  EXPECT(in_child([=] {
           for (size_t i = 0; i < kBlocks; ++i) free(blocks[i]);
           EXPECT_AT_MOST(settle_kib(full / 4, 3.0), full / 4);
         }) == 0);
}

constexpr Case kCases[] = {{"stdio", against_stdio},
                           {"handler", from_handler},
                           {"lives_on", child_lives_on},
                           {"gives_back", child_gives_back}};

}  // namespace

int main(int argc, char** argv) {
  alarm(80);
  return run_case(kCases, argc, argv);
}
