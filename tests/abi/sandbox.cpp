// Under a seccomp filter that knows only the usual system calls and answers EPERM to the rest, the
// library starts and works; with `strict` it may not even start a helper thread.

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <vector>

#include "process.h"

namespace {

// What an allocator may use.
constexpr int kMemory[] = {SYS_mmap, SYS_munmap, SYS_mprotect, SYS_madvise, SYS_mremap, SYS_futex};

// What starting and ending a program takes.
constexpr int kProgram[] = {SYS_execve,
                            SYS_brk,
                            SYS_arch_prctl,
                            SYS_set_tid_address,
                            SYS_set_robust_list,
                            SYS_rseq,
                            SYS_prlimit64,
                            SYS_access,
                            SYS_openat,
                            SYS_read,
                            SYS_pread64,
                            SYS_fstat,
                            SYS_newfstatat,
                            SYS_close,
                            SYS_write,
                            SYS_rt_sigaction,
                            SYS_exit_group,
                            SYS_clock_nanosleep,
                            SYS_exit,
                            SYS_clock_gettime};

constexpr int kThreads[] = {SYS_clone, SYS_clone3, SYS_rt_sigprocmask};

class Filter {
 public:
  Filter() {
    add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
    add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  }

  template <size_t N>
  void allow(const int (&calls)[N]) {
    for (const int call : calls) {
      code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
      add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
  }

  void install() {
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    const sock_fprog program = {static_cast<unsigned short>(code_.size()), code_.data()};
    REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
  }

 private:
  void add(int operation, size_t value) {
    code_.push_back(BPF_STMT(static_cast<unsigned short>(operation), static_cast<unsigned>(value)));
  }
  std::vector<sock_filter> code_;
};

void strict() {
  Filter filter;
  filter.allow(kMemory);
  filter.allow(kProgram);
  filter.install();
  exec_self("inside_strict");
}

void threaded() {
  Filter filter;
  filter.allow(kMemory);
  filter.allow(kProgram);
  filter.allow(kThreads);
  filter.install();
  exec_self("inside_threaded");
}

void* use_all_regimes(void*) {
  for (size_t size = 1; size < 32 << 20; size *= 3) {
    void* blocks[16];
    for (void*& block : blocks) {
      block = malloc(size);
      REQUIRE(block != nullptr);
      memset(block, 1, size < 1 << 20 ? size : 1 << 20);
    }
    blocks[0] = realloc(blocks[0], size * 2);
    for (void* block : blocks) free(block);
    free(calloc(1, size));
    free(memalign(65536, size));
  }
  return nullptr;
}

void expect_filtered() {
  errno = 0;
  EXPECT(syscall(SYS_getpid) == -1 && errno == EPERM);
}

void inside_strict() {
  expect_filtered();
  use_all_regimes(nullptr);
  sleep_ms(100);
  use_all_regimes(nullptr);
  malloc_trim(0);
}

void inside_threaded() {
  expect_filtered();
  pthread_t threads[4];
  for (pthread_t& thread : threads) {
    REQUIRE(pthread_create(&thread, nullptr, use_all_regimes, nullptr) == 0);
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  inside_strict();
}

constexpr Case kCases[] = {{"strict", strict},
                           {"threaded", threaded},
                           {"inside_strict", inside_strict},
                           {"inside_threaded", inside_threaded}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
