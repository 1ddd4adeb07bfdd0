// What the library says about a program that misuses it, word for word: by default, about its first
// blocks and about later ones, and under check=all. Of a program that lives on, the allocator is
// whole.
//
//   misuse [later|first|all]    runs every row of the table in a child
//   misuse CASE                 commits that misuse; run by the above

#include <fcntl.h>
#include <signal.h>

#include <iterator>

#include "heap_whole.h"
#include "masked.h"
#include "misuse_acts.h"
#include "misuse_lines.h"

namespace {

enum Mode { kLater, kFirst, kAll };
constexpr const char* kModes[] = {"later", "first", "all"};
constexpr const char* kModeVariable = "MISUSE_MODE";

struct Misuse {
  const char* name;
  void (*commit)();
  Expected expected[std::size(kModes)];  // those not given are as the one before
};

constexpr const char* kOf100 = "a block of 100 bytes";
constexpr const char* kClass16 = "a block of size class 16";
constexpr const char* kClass48 = "a block of size class 48";
constexpr const char* kClass64 = "a block of size class 64";
constexpr const char* kClass80 = "a block of size class 80";  // 64 bytes and what checks put behind
constexpr const char* kClass112 = "a block of size class 112";
constexpr const char* kInto100 = "16 bytes into a block of 100 bytes at ADDRESS";
constexpr const char* kInto112 = "16 bytes into a block of size class 112 at ADDRESS";

constexpr Misuse kTable[] = {
    {"interior_small",
     [] { free(beyond_start(100, 16)); },
     {aborts(kFreeInside, kInto112), aborts(kFreeInside, kInto100)}},
    {"interior_medium",
     [] { free(beyond_start(20000, 4096)); },
     {aborts(kFreeInside, "4096 bytes into a block of size class 20480 at ADDRESS"),
      aborts(kFreeInside, "4096 bytes into a block of 20000 bytes at ADDRESS")}},
    {"interior_large",
     [] { free(beyond_start(3 << 20, 65536)); },
     {aborts(kFreeInside, "65536 bytes into a large block of 3145728 bytes at ADDRESS"),
      {},
      aborts(kFreeInside, "65536 bytes into a block of 3145728 bytes at ADDRESS")}},
    {"misaligned",
     [] { free(beyond_start(100, 1)); },
     {aborts(kFreeInside, "1 byte into a block of size class 112 at ADDRESS"),
      aborts(kFreeInside, "1 byte into a block of 100 bytes at ADDRESS")}},
    {"misaligned_large",
     [] { free(beyond_start(3 << 20, 8)); },
     {aborts(kFreeInside, "8 bytes into a large block of 3145728 bytes at ADDRESS"),
      {},
      aborts(kFreeInside, "8 bytes into a block of 3145728 bytes at ADDRESS")}},
    {"span_tail", free_span_tail, {aborts(kFreeTail)}},
    {"null_plus_one",
     [] { free(reinterpret_cast<void*>(opaque(uintptr_t{1}))); },
     {aborts(kFreeForeign)}},
    {"wild",
     [] { free(reinterpret_cast<void*>(opaque(uintptr_t{0x414141414141}))); },
     {aborts(kFreeForeign)}},
    {"non_canonical",
     [] { free(reinterpret_cast<void*>(opaque(~uintptr_t{0xff}))); },
     {aborts(kFreeForeign)}},
    {"stack", free_stack, {aborts(kFreeForeign)}},
    {"static", [] { free(address_of_static()); }, {aborts(kFreeForeign)}},
    {"text", free_text, {aborts(kFreeForeign)}},
    {"foreign_mapping", [] { free(foreign_mapping() + 4096); }, {aborts(kFreeForeign)}},
    {"never_allocated", [] { free(beyond_start(100, 256 << 20)); }, {aborts(kFreeForeign)}},
    {"never_handed_out",
     free_before_handed_out,
     {aborts(kTwice, kClass64), aborts(kNeverOut, kClass80)}},
    {"never_carved",
     [] { free(beyond_start(64, 64 * 40)); },
     {aborts(kTwice, kClass64), aborts(kNeverOut, kClass80)}},
    {"delete_interior",
     [] { operator delete(beyond_start(100, 16)); },
     {aborts(kFreeInside, kInto112), aborts(kFreeInside, kInto100)}},
    {"thread_interior",
     [] { free_in_thread(beyond_start(100, 16)); },
     {aborts(kFreeInside, kInto112), aborts(kFreeInside, kInto100)}},

    {"twice_small", [] { free(freed(100)); }, {aborts(kTwice, kClass112)}},
    {"twice_full", free_twice_into_full, {aborts(kTwice, kClass48), {}, aborts(kTwice, kClass64)}},
    {"twice_medium", [] { free(freed(20000)); }, {aborts(kTwice, "a block of size class 20480")}},
    {"twice_large", [] { free(freed(3 << 20)); }, {aborts(kFreeGone)}},
    {"twice_huge", [] { free(freed(256 << 20)); }, {aborts(kFreeGone)}},
    {"twice_delete", [] { operator delete(opaque(freed(100))); }, {aborts(kTwice, kClass112)}},
    {"after_many_small",
     [] { free_then_flush(64, 20000); },
     {twice_or_gone(kClass64), twice_or_gone(kClass80)}},
    {"after_many_medium",
     [] { free_then_flush(9000, 500); },
     {twice_or_gone("a block of size class 9216")}},
    {"after_few",
     [] { free_then_flush(64, 3); },
     {aborts(kTwice, kClass64), aborts(kTwice, kClass80)}},
    {"after_one_other", free_after_one_other, {aborts(kTwice, kClass64), aborts(kTwice, kClass80)}},
    {"after_hundreds", free_after_hundreds, {kHandedOutTwice, {}, aborts(kTwice, kClass112)}},
    {"two_threads_small",
     [] { double_free_elsewhere(64); },
     {aborts(kTwice, kClass64), aborts(kTwice, kClass80)}},
    {"two_threads_medium",
     [] { double_free_elsewhere(20000); },
     {aborts(kTwice, "a block of size class 20480")}},
    {"two_threads_large", [] { double_free_elsewhere(3 << 20); }, {aborts(kFreeGone)}},
    {"owner_then_thread",
     [] { double_free_owner_then_thread(64); },
     {aborts(kTwice, kClass64), aborts(kTwice, kClass80)}},
    {"owner_exited",
     [] { double_free_after_owner_exit(64); },
     {aborts(kTwice, kClass64), aborts(kTwice, kClass80)}},
    {"thread_exit",
     double_free_at_thread_exit,
     {aborts(kTwice, kClass64), aborts(kTwice, kClass80)}},

    {"realloc_interior",
     [] { free(realloc(beyond_start(100, 16), 200)); },
     {aborts(kReallocInside, kInto112), aborts(kReallocInside, kInto100)}},
    {"reallocarray_interior",
     [] { free(reallocarray(beyond_start(100, 16), 2, 200)); },
     {aborts(kReallocInside, kInto112), aborts(kReallocInside, kInto100)}},
    {"realloc_static", [] { free(realloc(address_of_static(), 200)); }, {aborts(kReallocForeign)}},
    {"realloc_foreign", [] { free(realloc(foreign_mapping(), 200)); }, {aborts(kReallocForeign)}},
    {"realloc_freed_large", [] { free(realloc(freed(3 << 20), 4 << 20)); }, {aborts(kReallocGone)}},
    {"realloc_freed_small",
     [] { free(realloc(freed(64), 70)); },
     {aborts(kReallocFreed, kClass64), aborts(kReallocFreedChecked, kClass80)}},
    {"usable_interior",
     [] { opaque(malloc_usable_size(beyond_start(100, 16))); },
     {aborts(kUsableInside, kInto112), aborts(kUsableInside, kInto100)}},
    {"usable_static",
     [] { opaque(malloc_usable_size(address_of_static())); },
     {aborts(kUsableForeign)}},
    {"usable_freed_large",
     [] { opaque(malloc_usable_size(freed(3 << 20))); },
     {aborts(kUsableGone)}},
    {"usable_freed_small",
     [] { opaque(malloc_usable_size(freed(64))); },
     {aborts(kUsableFreed, kClass64), aborts(kUsableFreedChecked, kClass80)}},

    {"wrong_sized_delete",
     [] { operator delete (opaque(operator new(100)), size_t{5000}); },
     {warns(kTooLarge, kClass112), warns(kTooLarge, kOf100), aborts(kNot5000, kOf100)}},
    {"wrong_sized_free",
     wrong_sized_free,
     {warns(kTooLarge, kClass112), warns(kTooLarge, kOf100), aborts(kNot5000, kOf100)}},
    {"wrong_sized_deletes",
     wrong_sized_deletes,
     {warns(kTooLarge400000, "a large block of 303104 bytes"),
      warns(kTooLarge400000, "a block of 300000 bytes"),
      aborts(kNot400000, "a block of 300000 bytes")}},
    {"wrong_alignment",
     [] { wrong_alignment(100, 4096); },
     {kSilent, {}, aborts(kNot4096, kOf100)}},
    {"wrong_alignment_large",
     [] { wrong_alignment(300000, 1 << 20); },
     {kSilent, {}, aborts(kNotMiB, "a block of 300000 bytes")}},
    {"odd_alignment", [] { wrong_alignment(100, 24); }, {kSilent, {}, aborts(kNot24, kOf100)}},
    {"wrong_aligned_delete", wrong_aligned_delete, {kSilent, {}, aborts(kNot4096, kOf100)}},
    {"too_small_sized_delete",
     too_small_sized_delete,
     {kSilent, {}, aborts(kNot8, "a block of 5000 bytes")}},

    {"malloc_delete",
     [] { operator delete(opaque(block_of(100))); },
     {kSilent, {}, aborts(kMallocDeleted, kOf100)}},
    {"malloc_sized_delete",
     [] { operator delete (opaque(block_of(100)), size_t{100}); },
     {kSilent, {}, aborts(kMallocDeleted, kOf100)}},
    {"malloc_delete_array",
     [] { operator delete[](opaque(block_of(100))); },
     {kSilent, {}, aborts(kMallocDeletedArray, kOf100)}},
    {"malloc_delete_large",
     [] { operator delete(opaque(block_of(300000))); },
     {kSilent, {}, aborts(kMallocDeleted, "a block of 300000 bytes")}},
    {"realloc_delete",
     [] { operator delete(opaque(realloc(block_of(64), 100))); },
     {kSilent, {}, aborts(kMallocDeleted, kOf100)}},
    {"calloc_delete",
     [] { operator delete(opaque(calloc(1, 100))); },
     {kSilent, {}, aborts(kMallocDeleted, kOf100)}},
    {"memalign_delete",
     [] { operator delete (opaque(aligned_alloc(256, 256)), std::align_val_t{256}); },
     {kSilent, {}, aborts(kMallocDeleted, "a block of 256 bytes")}},
    {"new_free", [] { free(opaque(operator new(100))); }, {kSilent, {}, aborts(kNewFreed, kOf100)}},
    {"new_free_large",
     [] { free(opaque(operator new(300000))); },
     {kSilent, {}, aborts(kNewFreed, "a block of 300000 bytes")}},
    {"new_nothrow_free",
     [] { free(opaque(operator new(100, std::nothrow))); },
     {kSilent, {}, aborts(kNewFreed, kOf100)}},
    {"new_aligned_free",
     [] { free(opaque(operator new (100, std::align_val_t{256}))); },
     {kSilent, {}, aborts(kNewFreed, kOf100)}},
    {"new_realloc",
     [] { free(realloc(opaque(operator new(100)), 200)); },
     {kSilent, {}, aborts(kNewFreed, kOf100)}},
    {"new_free_sized",
     [] { sized_free(opaque(operator new(100)), 100); },
     {kSilent, {}, aborts(kNewFreed, kOf100)}},
    {"new_delete_array",
     [] { operator delete[](opaque(operator new(100))); },
     {kSilent, {}, aborts(kNewDeletedArray, kOf100)}},
    {"new_array_free",
     [] { free(opaque(operator new[](100))); },
     {kSilent, {}, aborts(kNewArrayFreed, kOf100)}},
    {"new_array_delete",
     [] { operator delete(opaque(operator new[](100))); },
     {kSilent, {}, aborts(kNewArrayDeleted, kOf100)}},
    {"new_array_sized_delete",
     [] { operator delete (opaque(operator new[](100)), size_t{4}); },
     {kSilent, {}, aborts(kNewArrayDeleted, kOf100)}},
    {"new_array_nothrow_aligned_delete",
     delete_scalar_of_aligned_array,
     {kSilent, {}, aborts(kNewArrayDeleted, kOf100)}},
    {"new_free_reported",
     [] { free_of_new_under("report"); },
     {kSilent, {}, warns(kNewFreed, kOf100)}},
    {"new_free_ignored", [] { free_of_new_under("ignore"); }, {kSilent}},

    {"overflow_by_one",
     [] { write_and_free(60, 60); },
     {kSilent, {}, aborts(kOverflow, "a block of 60 bytes")}},
    {"overflow_full_class",
     [] { write_and_free(64, 64); },
     {kSilent, {}, aborts(kOverflow, "a block of 64 bytes")}},
    {"overflow_medium",
     [] { write_and_free(20000, 20003); },
     {kSilent, {}, aborts(kOverflow, "a block of 20000 bytes")}},
    {"overflow_large",
     [] { write_and_free(300000, 300001); },
     {kSilent, {}, aborts(kOverflow, "a block of 300000 bytes")}},
    {"overflow_past_rounding",
     [] { write_and_free(64, 72); },
     {kSilent, aborts(kOverflow, "a block of 64 bytes")}},
    {"overflow_zeroed",
     [] { write_and_free(64, 72, zeroed_block_of); },
     {kSilent, aborts(kOverflow, "a block of 64 bytes")}},
    {"overflow_medium_far",
     [] { write_and_free(20000, 20010); },
     {kSilent, aborts(kOverflow, "a block of 20000 bytes")}},
    {"overflow_far", [] { write_and_free(300000, 340000); }, {kSilent, kFault}},
    {"overflow_at_exit",
     [] { overflow_and_keep(60, 60); },
     {kSilent, {}, aborts(kOverflow, "a block of 60 bytes")}},
    {"overflow_medium_at_exit",
     [] { overflow_and_keep(20000, 20003); },
     {kSilent, {}, aborts(kOverflow, "a block of 20000 bytes")}},
    {"overflow_large_at_exit",
     [] { overflow_and_keep(300000, 300001); },
     {kSilent, {}, aborts(kOverflow, "a block of 300000 bytes")}},
    {"overflow_by_a_mebibyte", [] { write_at(block_of(64), 1 << 20); }, {kSilent, {}, kFault}},
    {"empty_read", [] { opaque(*opaque(block_of(0))); }, {kSilent, {}, kFault}},
    {"empty_write", [] { write_and_free(0, 0); }, {kSilent, {}, kFault}},
    {"empty_twice", [] { free(freed(0)); }, {aborts(kTwice, kClass16), {}, aborts(kFreeGone)}},
    {"underflow_by_one",
     [] { write_and_free(64, -1); },
     {kSilent, aborts(kUnderflow, "a block of 64 bytes")}},
    {"underflow_zeroed",
     [] { write_and_free(64, -1, zeroed_block_of); },
     {kSilent, aborts(kUnderflow, "a block of 64 bytes")}},
    {"underflow_first", underflow_first, {kSilent, aborts(kUnderflow, "a block of 3000 bytes")}},
    {"underflow_far", underflow_far, {kSilent, aborts(kUnderflow, "a block of 3000 bytes")}},
    {"underflow_run", [] { write_and_free(300000, -1); }, {kSilent, kFault}},
    {"underflow_large", [] { write_and_free(3 << 20, -1); }, {kSilent, {}, kFault}},
    {"write_after_free",
     [] { write_after_free(64); },
     {kSilent, aborts(kUsed, kClass80), aborts(kUsed, kClass80)}},
    {"write_after_free_medium",
     [] { write_after_free(5000); },
     {kSilent, aborts(kUsed, "a block of size class 5120"),
      aborts(kUsed, "a block of size class 5120")}},
    {"write_after_free_at_exit",
     [] { write_at(freed(64), 5); },
     {kSilent, aborts(kUsed, kClass80)}},
    {"last_byte_after_free_at_exit",
     [] { write_at(freed(72), 79); },
     {kSilent, aborts(kUsed, kClass80)}},
    {"write_after_free_at_miss", write_after_free_then_miss, {kSilent, aborts(kUsed, kClass80)}},
    {"write_after_free_run", [] { write_after_free(300000); }, {kSilent, kFault}},
    {"write_after_free_large", [] { write_after_free(3 << 20); }, {kSilent, {}, kFault}},
    {"write_long_after_free_large",
     [] { write_long_after_free(2'000'000); },
     {kSilent, {}, aborts(kUsed, "a large block of 2002944 bytes")}},
};

const Expected& expected_of(const Misuse& misuse, size_t mode) {
  while (misuse.expected[mode].end == End::kAsBefore) --mode;
  return misuse.expected[mode];
}

struct Outcome {
  int status;
  std::string said;
};

[[noreturn]] void become(const Misuse& misuse, size_t mode, int output) {
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  dup2(output, STDERR_FILENO);
  alarm(20);
  if (mode == kAll) setenv("TAMARI_CONF", "check=all", 1);
  setenv(kModeVariable, kModes[mode], 1);
  exec_self(misuse.name);
}

Outcome run(const Misuse& misuse, size_t mode) {
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

int status_of(End end) {
  if (end == End::kAborts) return 128 + SIGABRT;
  return end == End::kFaults ? 128 + SIGSEGV : 0;
}

void check(const Misuse& misuse, size_t mode) {
  const Expected& expected = expected_of(misuse, mode);
  Outcome outcome;
  for (int tried = 0; tried < expected.tries; ++tried) {
    outcome = run(misuse, mode);
    if (outcome.status == status_of(expected.end) && is_said(expected, masked(outcome.said)))
      return;
  }
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

size_t mode_of(const char* name) {
  size_t mode = 0;
  while (mode < std::size(kModes) && strcmp(name, kModes[mode]) != 0) ++mode;
  return mode;
}

int commit(const Misuse& misuse, size_t mode) {
  if (mode == kLater) let_helpers_start();
  misuse.commit();
  const End end = expected_of(misuse, mode).end;
  if (end == End::kGoesOn) expect_heap_whole(100);
  if (end == End::kTwoOwners) EXPECT(blocks_with_two_owners(100) == 1);
  return expect_status();
}

}  // namespace

int main(int argc, char** argv) {
  const char* of_parent = getenv(kModeVariable);
  const size_t mode = mode_of(of_parent != nullptr ? of_parent : argc > 1 ? argv[1] : kModes[0]);
  if (mode == std::size(kModes)) return 2;
  for (const Misuse& misuse : kTable) {
    if (of_parent == nullptr) {
      check(misuse, mode);
    } else if (strcmp(argv[1], misuse.name) == 0) {
      return commit(misuse, mode);
    }
  }
  return of_parent == nullptr ? expect_status() : 2;
}
