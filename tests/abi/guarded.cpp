// What check=sample:N says of a misused block that it guards, and how many blocks it guards: run
// under check=sample:1, so that blocks which a refill brings are guarded at once.

#include <dlfcn.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>

#include <string>
#include <vector>

#include "masked.h"
#include "process.h"

namespace {

uint64_t guarded_blocks() {
  using Counter = int(const char*, uint64_t*);
  static Counter* const counter = reinterpret_cast<Counter*>(dlsym(RTLD_DEFAULT, "tamari_counter"));
  uint64_t value = 0;
  REQUIRE(counter != nullptr && counter("guarded_allocs", &value) == 0);
  return value;
}

char* guarded_block(size_t size) {
  for (const double begun = seconds_now(); seconds_now() - begun < 10;) {
    const uint64_t before = guarded_blocks();
    auto* block = static_cast<char*>(opaque(malloc(size)));
    if (guarded_blocks() != before) return block;
  }
  REQUIRE(!"a block is guarded");
  return nullptr;
}

char* freed_block(size_t size) {
  char* block = guarded_block(size);
  free(block);
  return opaque(block);
}

// Blocks lie at the start of their room or at its end, by chance.
char* guarded_at_start(size_t size) {
  char* block = guarded_block(size);
  while (reinterpret_cast<uintptr_t>(block) % 4096 != 0) block = guarded_block(size);
  return block;
}
char* guarded_at_end(size_t size) {
  char* block = guarded_block(size);
  while (reinterpret_cast<uintptr_t>(block) % 4096 == 0) block = guarded_block(size);
  return block;
}

void overflow_seen() {
  char* block = guarded_at_start(100);
  block[100] = 1;
  free(block);
}
void overflow_fault() { guarded_at_end(112)[112] = 1; }
void underflow() { guarded_at_start(100)[-1] = 1; }
void write_after_free() { *freed_block(100) = 1; }
void read_after_free() { (void)opaque(*freed_block(100)); }
void second_free() { free(freed_block(100)); }
void interior_free() { free(guarded_block(100) + 16); }
void resize_freed() { opaque(realloc(freed_block(100), 200)); }
void ask_freed() { opaque(malloc_usable_size(freed_block(100))); }

struct Misuse {
  void (*commit)();
  const char* line;
  bool was_freed;
};

constexpr Misuse kTable[] = {
    {overflow_seen,
     "overflow: bytes behind a block were overwritten (block of 100 bytes at ADDRESS): ADDRESS, "
     "thread N; look for a write past the size that was asked for",
     false},
    {overflow_fault,
     "overflow: access behind a block (block of 112 bytes at ADDRESS): ADDRESS, thread N; look for "
     "an index out of range",
     false},
    {underflow,
     "underflow: access before a block (block of 100 bytes at ADDRESS): ADDRESS, thread N; look "
     "for an index out of range",
     false},
    {write_after_free,
     "use-after-free: access to a freed block (block of 100 bytes at ADDRESS): ADDRESS, thread N; "
     "look for a pointer that outlived its free",
     true},
    {read_after_free,
     "use-after-free: access to a freed block (block of 100 bytes at ADDRESS): ADDRESS, thread N; "
     "look for a pointer that outlived its free",
     true},
    {second_free,
     "double-free: free of a freed block (block of 100 bytes at ADDRESS): ADDRESS, thread N; free "
     "each block once, through the pointer that malloc returned",
     true},
    {interior_free,
     "invalid-free: free of an address that is no block's start (block of 100 bytes at ADDRESS): "
     "ADDRESS, thread N; free each block once, through the pointer that malloc returned",
     false},
    {resize_freed,
     "invalid-realloc: realloc of a freed block (block of 100 bytes at ADDRESS): ADDRESS, thread "
     "N; "
     "free each block once, through the pointer that malloc returned",
     true},
    {ask_freed,
     "invalid-usable-size: malloc_usable_size of a freed block (block of 100 bytes at ADDRESS): "
     "ADDRESS, thread N; free each block once, through the pointer that malloc returned",
     true},
};

void check(const Misuse& misuse) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(ends[1], STDERR_FILENO);
    alarm(20);
    misuse.commit();
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char text[512];
  for (ssize_t n; (n = read(ends[0], text, sizeof text)) > 0;)
    said.append(text, static_cast<size_t>(n));
  close(ends[0]);
  const int status = wait_for(child);
  const bool as_expected =
      status == 128 + SIGABRT &&
      masked(said.substr(0, said.find('\n'))) == std::string("tamari: ") + misuse.line &&
      said.find("\n  allocated by thread ") != std::string::npos &&
      (said.find("\n  freed by thread ") != std::string::npos) == misuse.was_freed &&
      said.find(" program+0x") != std::string::npos;
  if (!as_expected)
    expect_fail(__FILE__, __LINE__, "not \"%s\": status %d, said: %.200s", misuse.line, status,
                said.c_str());
}

// 8 at once, then one in 10 ms.
void expect_few(double seconds) {
  const uint64_t before = guarded_blocks();
  const double begun = seconds_now();
  std::vector<void*> blocks(4000);
  while (seconds_now() - begun < seconds) {
    for (void*& block : blocks) block = malloc(100);
    for (void* block : blocks) free(block);
  }
  const double most = 8 + (seconds_now() - begun) * 100 + 2;  // the clock is coarse
  const auto guarded = static_cast<double>(guarded_blocks() - before);
  const double fewest = seconds * 50;
  if (guarded < fewest || guarded > most)
    expect_fail(__FILE__, __LINE__, "%.0f blocks guarded, expected %.0f to %.0f", guarded, fewest,
                most);
}

// A block of no bytes is a block all the same.
void expect_empty_block() {
  void* block = guarded_block(0);
  EXPECT(malloc_usable_size(block) > 0);
  void* grown = opaque(realloc(block, 10));
  REQUIRE(grown != nullptr);
  free(grown);
}

// The handler of faults leaves a signal that somebody sent to what it does without us.
void expect_sent_signal() {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    raise(SIGSEGV);
    _exit(0);
  }
  EXPECT(wait_for(child) == 128 + SIGSEGV);
}

}  // namespace

int main() {
  expect_sent_signal();
  expect_empty_block();
  for (const Misuse& misuse : kTable) check(misuse);
  expect_few(0.5);
  return expect_status();
}
