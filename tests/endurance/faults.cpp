// Every system call that the library makes, failing in turn: the k-th only, for each k, and all
// from the k-th on, at the start, in the main thread and in workers. The child may get NULL with
// ENOMEM; no block may be damaged, and once the calls succeed again all must work and be given
// back.
//
// faults CHILD KIND [RUNS]: prints the calls counted, how many runs there were (of each sort, about
// RUNS at most), and what went wrong.

#include <errno.h>
#include <sys/syscall.h>

#include <algorithm>

#include "figure.h"
#include "supervisor.h"

namespace {

const Kind kKinds[] = {
    {"mmap", {SYS_mmap}, ENOMEM, true},         {"munmap", {SYS_munmap}, ENOMEM, true},
    {"mprotect", {SYS_mprotect}, ENOMEM, true}, {"madvise", {SYS_madvise}, EAGAIN, true},
    {"mremap", {SYS_mremap}, ENOMEM, true},     {"membarrier", {SYS_membarrier}, ENOMEM, true},
    {"futex", {SYS_futex}, EPERM, true},        {"prlimit", {SYS_prlimit64}, EPERM, true},
    {"openat", {SYS_openat}, EMFILE, true},     {"clone", {SYS_clone, SYS_clone3}, EAGAIN, false},
    {"mincore", {SYS_mincore}, EAGAIN, true},
};

size_t most_runs = 24;  // of each sort
constexpr unsigned kSeconds = 30;

struct Tally {
  size_t runs = 0;
  size_t failed_calls = 0;
  size_t bad = 0;
};

// Every k while there are few calls, some of them evenly spread when there are many.
Tally run_all(const Kind& kind, const char* child, size_t calls, bool and_on) {
  Tally tally;
  const size_t step = std::max<size_t>(1, calls / most_runs);
  for (size_t k = 1; k <= calls; k += k < most_runs / 2 ? 1 : step) {
    const Outcome outcome = run_with_faults(kind, {k, and_on}, {child}, kSeconds);
    ++tally.runs;
    tally.failed_calls += outcome.failed;
    if (outcome.status == 0) continue;
    ++tally.bad;
    printf("%s number %zu%s failing: exit status %d\n", kind.name, k, and_on ? " and on" : "",
           outcome.status);
  }
  return tally;
}

void one_kind(const Kind& kind, const char* child) {
  const Outcome calm = run_with_faults(kind, {}, {child}, kSeconds);
  EXPECT(calm.status == 0);
  note("calls in a run without faults", static_cast<double>(calm.calls), kind.name);
  for (const bool and_on : {false, true}) {
    const Tally tally = run_all(kind, child, calm.calls, and_on);
    note(
        and_on ? "runs with all calls from the k-th on failing" : "runs with the k-th call failing",
        static_cast<double>(tally.runs), "runs");
    note("calls made to fail", static_cast<double>(tally.failed_calls), "calls");
    at_most("runs that crashed, hung, lost a block or kept memory", static_cast<double>(tally.bad),
            0, "runs");
  }
}

}  // namespace

int main(int argc, char** argv) {
  REQUIRE(argc >= 3);
  if (argc > 3) most_runs = strtoul(argv[3], nullptr, 10);
  setvbuf(stdout, nullptr, _IONBF, 0);
  for (const Kind& kind : kKinds) {
    if (strcmp(kind.name, argv[2]) == 0) {
      one_kind(kind, argv[1]);
      return expect_status();
    }
  }
  expect_fail(__FILE__, __LINE__, "no such kind: %s", argv[2]);
  return 2;
}
