// fork at the instructions of malloc, free and their slow paths, one after the other: the child is
// born in the middle of an operation. It allocates and frees in the handler and leaves, or returns
// from the handler, ends the interrupted operation and lives on. x86-64 only.
//
// fork_step leaves|returns [THREADS [VISITS]]: a fork at the first VISITS visits of each
// instruction

#include <malloc.h>
#include <pthread.h>

#include <atomic>

#include "../abi/mixed.h"
#include "every_step.h"

namespace {

constexpr size_t kText = 1 << 20;  // bytes, more than the library's
constexpr unsigned kChildSeconds = 30;
constexpr int kHung = 128 + SIGALRM;
constexpr size_t kBlocks = 4000;

bool returns;
bool in_child;
unsigned visits_wanted = 2;
unsigned char visits[kText];  // of each instruction, by the operation under way
long steps, forks, hung, failed;

char* blocks[kBlocks];
size_t count;

void put(size_t size) {
  auto* block = static_cast<char*>(malloc(size));
  REQUIRE(block != nullptr);
  memcpy(block, &size, sizeof size);
  block[size - 1] = static_cast<char>(size);
  blocks[count++] = block;
}

void take() {
  char* block = blocks[--count];
  blocks[count] = nullptr;
  size_t size = 0;
  memcpy(&size, block, sizeof size);
  REQUIRE(size < 2 * kMiB && block[size - 1] == static_cast<char>(size));
  free(block);
}

// --- What is interrupted -----------------------------------------------------------------------

void cold() { malloc_trim(0); }

void refill() {
  for (int i = 0; i < 120; ++i) put(48 + static_cast<size_t>(i % 6) * 1500);
}
void fill() {
  for (int i = 0; i < 1500; ++i) put(1000 + static_cast<size_t>(i % 3) * 5000);
}
void flush() {
  while (count > 200) take();
}
void new_spans() {
  for (int i = 0; i < 6; ++i) put(200000);
}
void large() {
  put(700000);
  take();
}
void grow() {
  void* block = malloc(600000);
  block = realloc(block, 1500000);
  free(realloc(block, 300000));
}
void trim() { malloc_trim(0); }
void cleared() {
  void* volatile block = calloc(1, 300000);  // kept from being optimised away
  free(block);
}

struct Operation {
  const char* name;
  void (*prepare)();  // not interrupted
  void (*run)();
  long steps = 0;  // instructions inside the library
  long bad = 0;    // children that hung or failed
};
Operation operations[] = {{"refill", cold, refill},   {"new spans", cold, new_spans},
                          {"large", cold, large},     {"grow", cold, grow},
                          {"cleared", cold, cleared}, {"flush", fill, flush},
                          {"trim", fill, trim}};
Operation* current;

// --- The child -----------------------------------------------------------------------------------

// More than any cache holds, so that spans are made and given back: every block apart from every
// other, which the marks would show.
void use_everything() {
  const size_t before = count;
  for (size_t size = 16; size <= 300000; size *= 4) {
    for (int i = 0; i < 60 && count < kBlocks; ++i) put(size);
  }
  while (count > before) take();
}

void leave_as_programs_do() {
  use_everything();
  while (count > 0) take();
  use_everything();
  malloc_trim(0);
  use_everything();
  _exit(expect_status());
}

bool fork_here() {
  if (in_child) return true;
  ++steps;
  unsigned char& seen = visits[EveryStep::offset() % kText];
  if (seen >= visits_wanted || hung >= 4) return false;
  ++seen;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    in_child = true;
    alarm(kChildSeconds);
    if (returns) return true;
    use_everything();
    _exit(expect_status());
  }
  const int status = wait_for(child);
  ++forks;
  hung += status == kHung;
  failed += status != 0 && status != kHung;
  if (status != 0 && ++current->bad <= 20) {
    printf("%s: the child born at step %ld (+0x%lx) ended with %d\n", current->name, steps,
           EveryStep::offset(), status);
  }
  return false;
}

void interrupt_all() {
  for (Operation& o : operations) {
    current = &o;
    memset(visits, 0, sizeof visits);
    steps = 0;
    o.prepare();
    EveryStep::start(fork_here);
    o.run();
    EveryStep::stop();
    if (in_child) leave_as_programs_do();
    o.steps = steps;
  }
  while (count > 0) take();
}

// --- Other threads
// ---------------------------------------------------------------------------------

std::atomic<bool> stopping;

void* worker(void* self) {
  REQUIRE(nice(10) >= 0);
  Random random(reinterpret_cast<unsigned long>(self));
  void* own[64] = {};
  while (!stopping) {
    void*& slot = own[random.below(64)];
    free(slot);
    slot = malloc(mixed_size(random));
  }
  for (void* block : own) free(block);
  return nullptr;
}

void run(unsigned long workers) {
  pthread_t threads[16];
  REQUIRE(workers <= 16);
  for (unsigned long t = 0; t < workers; ++t) {
    REQUIRE(pthread_create(&threads[t], nullptr, worker, reinterpret_cast<void*>(t + 2)) == 0);
  }
  interrupt_all();
  stopping = true;
  for (unsigned long t = 0; t < workers; ++t) pthread_join(threads[t], nullptr);
  for (const Operation& o : operations) {
    printf("%s: %ld instructions, bad children: %ld\n", o.name, o.steps, o.bad);
  }
  note("forks", static_cast<double>(forks), "forks");
  at_most("children that hung", static_cast<double>(hung), 0, "children");
  at_most("children that failed", static_cast<double>(failed), 0, "children");
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc >= 2);
  setvbuf(stdout, nullptr, _IONBF, 0);
  returns = strcmp(argv[1], "returns") == 0;
  if (argc > 3) visits_wanted = static_cast<unsigned>(atoi(argv[3]));
  run(argc > 2 ? strtoul(argv[2], nullptr, 10) : 0);
  return expect_status();
}
