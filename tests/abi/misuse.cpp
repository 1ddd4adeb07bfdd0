// What the library says about a program that misuses it: by default, about its first blocks and
// about later ones, and under check=all.
//
//   misuse [all]    runs every row of the table in a child: it must die by SIGABRT and leave
//                   exactly one line, `tamari: CODE: sentence with the address; advice`
//   misuse CASE     commits that misuse; run by the above

#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>

#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "process.h"

namespace {

// A place where no block is now: whether one was there before is not always known.
constexpr const char* kEitherCode = "double-free or invalid-free";

// kWarned: the line, and the program goes on. kUnseen: nobody promises anything.
enum class Fate { kReported, kWarned, kSurvives, kUnseen };

constexpr const char* kFirstMode = "MISUSE_FIRST";

// Where the access itself ends the program.
constexpr const char* kFault = "fault";

struct Misuse {
  const char* name;
  Fate fate;         // by default, of a later block,
  const char* code;  // with this code
  void (*commit)();
  const char* checked = nullptr;  // the code under check=all; null: as by default
  const char* first = nullptr;    // the code for one of the first blocks; null: as of a later one
};

char* block_of(size_t size) {
  auto* block = static_cast<char*>(opaque(malloc(size)));
  REQUIRE(block != nullptr);
  return block;
}

char* beyond_start(size_t size, size_t offset) { return opaque(block_of(size) + offset); }

char* freed(size_t size) {
  char* block = block_of(size);
  free(block);
  return opaque(block);
}

char* foreign_mapping() { return map_table<char>(1 << 20); }

int some_static = 1;

char* address_of_static() { return reinterpret_cast<char*>(opaque(&some_static)); }

void free_text() { free(reinterpret_cast<char*>(opaque(&block_of))); }

void free_stack() {
  char local[64];
  free(opaque(&local[16]));
}

// Frees enough blocks of other sizes and the same to carry the first one out of every cache, then
// asks for all to be brought home.
void free_then_flush(size_t size, size_t others) {
  char* first = block_of(size);
  std::vector<char*> more(others);
  for (char*& block : more) block = block_of(size);
  free(first);
  for (char* block : more) free(block);
  malloc_trim(0);
  free(opaque(first));
  malloc_trim(0);
}

void free_in_thread(char* block) {
  std::thread([=] { free(opaque(block)); }).join();
}

void double_free_elsewhere(size_t size) {
  char* block = block_of(size);
  free_in_thread(block);
  free_in_thread(block);
  malloc_trim(0);
}

// Both frees come from threads that did not allocate; the owner lives on.
void double_free_owner_then_thread(size_t size) {
  char* block = block_of(size);
  free(block);
  free_in_thread(block);
  malloc_trim(0);
}

void double_free_after_owner_exit(size_t size) {
  char* block = nullptr;
  std::thread([&] { block = block_of(size); }).join();
  free(opaque(block));
  free_in_thread(block);
  malloc_trim(0);
}

// Freed twice, not in a row: only the span knows, once the thread's cache has reached it.
void double_free_at_thread_exit() {
  std::thread([] {
    char* first = block_of(64);
    char* second = block_of(64);
    free(first);
    free(second);
    free(opaque(first));
  }).join();
  malloc_trim(0);
}

// The start of a block that malloc has not handed out yet: the span knows it as free.
void free_before_handed_out() {
  free(beyond_start(64, 64 * 300));
  malloc_trim(0);
}

using FreeSized = void(void*, size_t);

void wrong_sized_free() {
  auto* free_sized = reinterpret_cast<FreeSized*>(dlsym(RTLD_DEFAULT, "free_sized"));
  REQUIRE(free_sized != nullptr);
  free_sized(block_of(100), 5000);
}

void too_small_sized_delete() { operator delete[](opaque(operator new[](5000)), size_t{8}); }

void free_after_one_other() {
  char* first = block_of(64);
  char* second = block_of(64);
  free(first);
  free(second);
  free(opaque(first));
}

// The first free is far from the top of the cache, and its thread's newest are others.
void free_after_hundreds() {
  char* first = block_of(64);
  std::vector<char*> more(500);
  for (char*& block : more) block = block_of(64);
  free(first);
  for (char* block : more) free(block);
  free(opaque(first));
}

void write_at(char* block, ptrdiff_t offset) { opaque(block)[offset] = 'x'; }

// Writes `offset` bytes from the start of a block between two others, then frees all.
void write_and_free(size_t size, ptrdiff_t offset) {
  char* before = block_of(size);
  char* block = block_of(size);
  write_at(block, offset);
  free(block);
  free(before);
}

// Before the only block of its size, which would be the first of a span.
void underflow_first() {
  char* block = block_of(3000);
  write_at(block, -1);
  free(block);
}

void write_after_free(size_t size) {
  char* block = freed(size);
  write_at(block, 5);
  for (int i = 0; i < 20000; ++i) free(block_of(size));
}

const Misuse kTable[] = {
    {"interior_small", Fate::kReported, "invalid-free", [] { free(beyond_start(100, 16)); }},
    {"interior_medium", Fate::kReported, "invalid-free", [] { free(beyond_start(20000, 4096)); }},
    {"interior_large", Fate::kReported, "invalid-free", [] { free(beyond_start(3 << 20, 65536)); }},
    {"misaligned", Fate::kReported, "invalid-free", [] { free(beyond_start(100, 1)); }},
    {"misaligned_large", Fate::kReported, "invalid-free", [] { free(beyond_start(3 << 20, 8)); }},
    {"null_plus_one", Fate::kReported, "invalid-free",
     [] { free(reinterpret_cast<void*>(opaque(uintptr_t{1}))); }},
    {"wild", Fate::kReported, "invalid-free",
     [] { free(reinterpret_cast<void*>(opaque(uintptr_t{0x414141414141}))); }},
    {"non_canonical", Fate::kReported, "invalid-free",
     [] { free(reinterpret_cast<void*>(opaque(~uintptr_t{0xff}))); }},
    {"stack", Fate::kReported, "invalid-free", free_stack},
    {"static", Fate::kReported, "invalid-free", [] { free(address_of_static()); }},
    {"text", Fate::kReported, "invalid-free", free_text},
    {"foreign_mapping", Fate::kReported, "invalid-free", [] { free(foreign_mapping() + 4096); }},
    {"never_allocated", Fate::kReported, "invalid-free",
     [] { free(beyond_start(100, 256 << 20)); }},
    {"never_handed_out", Fate::kReported, kEitherCode, free_before_handed_out},
    {"delete_interior", Fate::kReported, "invalid-free",
     [] { operator delete(beyond_start(100, 16)); }},
    {"thread_interior", Fate::kReported, "invalid-free",
     [] { free_in_thread(beyond_start(100, 8)); }},

    {"twice_small", Fate::kReported, "double-free", [] { free(freed(100)); }},
    {"twice_medium", Fate::kReported, "double-free", [] { free(freed(20000)); }},
    {"twice_large", Fate::kReported, kEitherCode, [] { free(freed(3 << 20)); }},
    {"twice_huge", Fate::kReported, kEitherCode, [] { free(freed(256 << 20)); }},
    {"twice_delete", Fate::kReported, "double-free", [] { operator delete(opaque(freed(100))); }},
    {"after_many_small", Fate::kReported, kEitherCode, [] { free_then_flush(64, 20000); }},
    {"after_many_medium", Fate::kReported, kEitherCode, [] { free_then_flush(9000, 500); }},
    {"after_few", Fate::kReported, kEitherCode, [] { free_then_flush(64, 3); }},
    {"two_threads_small", Fate::kReported, "double-free", [] { double_free_elsewhere(64); }},
    {"two_threads_medium", Fate::kReported, "double-free", [] { double_free_elsewhere(20000); }},
    {"two_threads_large", Fate::kReported, kEitherCode, [] { double_free_elsewhere(3 << 20); }},
    {"owner_then_thread", Fate::kReported, "double-free",
     [] { double_free_owner_then_thread(64); }},
    {"owner_exited", Fate::kReported, "double-free", [] { double_free_after_owner_exit(64); }},
    {"thread_exit", Fate::kReported, "double-free", double_free_at_thread_exit},

    {"realloc_interior", Fate::kReported, "invalid-realloc",
     [] { free(realloc(beyond_start(100, 16), 200)); }},
    {"realloc_static", Fate::kReported, "invalid-realloc",
     [] { free(realloc(address_of_static(), 200)); }},
    {"realloc_foreign", Fate::kReported, "invalid-realloc",
     [] { free(realloc(foreign_mapping(), 200)); }},
    {"realloc_freed_large", Fate::kReported, "invalid-realloc",
     [] { free(realloc(freed(3 << 20), 4 << 20)); }},
    {"reallocarray_interior", Fate::kReported, "invalid-realloc",
     [] { free(reallocarray(beyond_start(100, 16), 2, 200)); }},

    {"usable_interior", Fate::kReported, "invalid-usable-size",
     [] { opaque(malloc_usable_size(beyond_start(100, 16))); }},
    {"usable_static", Fate::kReported, "invalid-usable-size",
     [] { opaque(malloc_usable_size(address_of_static())); }},
    {"usable_freed_large", Fate::kReported, "invalid-usable-size",
     [] { opaque(malloc_usable_size(freed(3 << 20))); }},

    {"realloc_freed_small", Fate::kReported, "invalid-realloc",
     [] { free(realloc(freed(64), 70)); }},
    {"usable_freed_small", Fate::kReported, "invalid-usable-size",
     [] { opaque(malloc_usable_size(freed(64))); }},

    {"after_one_other", Fate::kReported, "double-free", free_after_one_other},
    {"after_hundreds", Fate::kUnseen, "", free_after_hundreds, "double-free"},
    {"never_carved", Fate::kReported, kEitherCode, [] { free(beyond_start(64, 64 * 40)); }},

    {"wrong_sized_delete", Fate::kWarned, "size-mismatch",
     [] { operator delete (opaque(operator new(100)), size_t{5000}); }},
    {"wrong_sized_free", Fate::kWarned, "size-mismatch", wrong_sized_free},
    {"too_small_sized_delete", Fate::kSurvives, "", too_small_sized_delete, "size-mismatch"},

    {"overflow_by_one", Fate::kSurvives, "", [] { write_and_free(60, 60); }, "overflow"},
    {"overflow_full_class", Fate::kSurvives, "", [] { write_and_free(64, 64); }, "overflow"},
    {"overflow_medium", Fate::kSurvives, "", [] { write_and_free(20000, 20003); }, "overflow"},
    {"overflow_large", Fate::kSurvives, "", [] { write_and_free(300000, 300001); }, "overflow"},
    {"overflow_past_rounding", Fate::kSurvives, "", [] { write_and_free(64, 72); }, "overflow",
     "overflow"},
    {"overflow_medium_far", Fate::kSurvives, "", [] { write_and_free(20000, 20010); }, "overflow",
     "overflow"},
    {"overflow_far", Fate::kUnseen, "", [] { write_and_free(300000, 340000); }, kFault, kFault},
    {"underflow_by_one", Fate::kSurvives, "", [] { write_and_free(64, -1); }, "underflow",
     "underflow"},
    {"underflow_first", Fate::kSurvives, "", underflow_first, "underflow", "underflow"},
    {"underflow_run", Fate::kUnseen, "", [] { write_and_free(300000, -1); }, kFault, kFault},
    {"underflow_large", Fate::kUnseen, "", [] { write_and_free(3 << 20, -1); }, kFault},
    {"write_after_free", Fate::kSurvives, "", [] { write_after_free(64); }, "use-after-free",
     "use-after-free"},
    {"write_after_free_medium", Fate::kSurvives, "", [] { write_after_free(5000); },
     "use-after-free", "use-after-free"},
    {"write_after_free_at_exit", Fate::kSurvives, "", [] { write_at(freed(64), 5); },
     "use-after-free", "use-after-free"},
    {"write_after_free_run", Fate::kUnseen, "", [] { write_after_free(300000); }, kFault, kFault},
    {"write_after_free_large", Fate::kUnseen, "", [] { write_after_free(3 << 20); }, kFault},
};

struct Outcome {
  int status;
  std::string said;
};

enum class Mode { kLater, kFirst, kAll };

[[noreturn]] void become(const Misuse& misuse, Mode mode, int output) {
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  dup2(output, STDERR_FILENO);
  alarm(20);
  if (mode == Mode::kAll) setenv("TAMARI_CONF", "check=all", 1);
  if (mode == Mode::kFirst) setenv(kFirstMode, "1", 1);
  exec_self(misuse.name);
}

Outcome run(const Misuse& misuse, Mode mode) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) become(misuse, mode, ends[1]);
  close(ends[1]);
  Outcome outcome;
  char text[512];
  for (ssize_t n; (n = read(ends[0], text, sizeof text)) > 0;) {
    outcome.said.append(text, static_cast<size_t>(n));
  }
  close(ends[0]);
  outcome.status = wait_for(child);
  return outcome;
}

bool names_code(const std::string& said, const char* codes) {
  const std::string start = "tamari: ";
  const size_t end = said.find(": ", start.size());
  if (said.compare(0, start.size(), start) != 0 || end == std::string::npos) return false;
  const std::string code = said.substr(start.size(), end - start.size());
  return code == codes ||
         (codes == kEitherCode && (code == "double-free" || code == "invalid-free"));
}

// `tamari: CODE: sentence with the address; advice`, one line and nothing else.
bool well_formed(const std::string& said, const char* codes) {
  const size_t address = said.find("0x");
  const size_t advice = said.find("; ", address);
  return names_code(said, codes) && said.find('\n') == said.size() - 1 &&
         address != std::string::npos && advice != std::string::npos &&
         advice + 2 < said.size() - 1;
}

bool as_expected(const Outcome& outcome, Fate fate, const char* code) {
  switch (fate) {
    case Fate::kReported:
      return code == kFault ? outcome.status == 128 + SIGSEGV
                            : outcome.status == 128 + SIGABRT && well_formed(outcome.said, code);
    case Fate::kWarned:
      return outcome.status == 0 && well_formed(outcome.said, code);
    case Fate::kSurvives:
      return outcome.status == 0 && outcome.said.empty();
    case Fate::kUnseen:
      return true;
  }
  return false;
}

struct Expected {
  Fate fate;
  const char* code;
};

Expected expected_of(const Misuse& misuse, Mode mode) {
  if (mode == Mode::kAll)
    return {Fate::kReported, misuse.checked != nullptr ? misuse.checked : misuse.code};
  if (mode == Mode::kFirst && misuse.first != nullptr) return {Fate::kReported, misuse.first};
  return {misuse.fate, misuse.code};
}

void check(const Misuse& misuse, Mode mode) {
  const Expected expected = expected_of(misuse, mode);
  if (expected.fate == Fate::kUnseen) return;
  const Outcome outcome = run(misuse, mode);
  if (as_expected(outcome, expected.fate, expected.code)) return;
  expect_fail(__FILE__, __LINE__, "%s: status %d, said: %.300s", misuse.name, outcome.status,
              outcome.said.c_str());
}

// The first large block to be freed may start a helper thread of the library, and to create it
// allocates: what that takes must not be the block that the misuse is about. It also ends the
// checks of the first blocks.
void let_helpers_start() {
  free(block_of(8 << 20));
  sleep_ms(20);
}

}  // namespace

int main(int argc, char** argv) {
  Mode mode = Mode::kLater;
  bool all = argc == 1;
  for (auto [name, named] : {std::pair{"first", Mode::kFirst}, std::pair{"all", Mode::kAll}}) {
    if (argc == 2 && strcmp(argv[1], name) == 0) {
      mode = named;
      all = true;
    }
  }
  for (const Misuse& misuse : kTable) {
    if (all) {
      check(misuse, mode);
    } else if (strcmp(argv[1], misuse.name) == 0) {
      if (getenv(kFirstMode) == nullptr) let_helpers_start();
      misuse.commit();
      return 0;
    }
  }
  return all ? expect_status() : 2;
}
