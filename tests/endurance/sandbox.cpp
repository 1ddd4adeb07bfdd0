// Under a seccomp filter that looks at who calls: any system call made by an instruction of the
// library, and not among those that docs/endurance.md lists, kills the process. And a sandbox that
// refuses madvise: all works, at most one line is said, and memory is still used again.
//
// sandbox listed | without_madvise

#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <thread>
#include <vector>

#include "../abi/mixed.h"
#include "figure.h"

namespace {

// What the library calls once the program runs; `clone` and the thread's `exit` lie in libc's text.
constexpr int kListed[] = {SYS_mmap,   SYS_munmap,  SYS_mprotect,   SYS_madvise,
                           SYS_mremap, SYS_futex,   SYS_membarrier, SYS_gettid,
                           SYS_getpid, SYS_openat,  SYS_read,       SYS_close,
                           SYS_write,  SYS_mincore, SYS_prctl,      SYS_rt_sigprocmask};

#if defined(__x86_64__)
constexpr unsigned kMachine = AUDIT_ARCH_X86_64;
#else
constexpr unsigned kMachine = AUDIT_ARCH_AARCH64;
#endif

struct Range {
  unsigned long from = 0, to = 0;
};

Range library_text() {
  FILE* maps = fopen("/proc/self/maps", "re");
  REQUIRE(maps != nullptr);
  char line[512];
  Range range;
  while (fgets(line, sizeof line, maps) != nullptr) {
    if (strstr(line, "libtamari") == nullptr || strstr(line, " r-xp ") == nullptr) continue;
    char* end = nullptr;
    range.from = strtoul(line, &end, 16);
    range.to = strtoul(end + 1, nullptr, 16);
  }
  fclose(maps);
  REQUIRE(range.to != 0);
  return range;
}

using Code = std::vector<sock_filter>;

void add(Code& code, int operation, unsigned long value, unsigned char yes = 0,
         unsigned char no = 0) {
  code.push_back({static_cast<unsigned short>(operation), yes, no, static_cast<unsigned>(value)});
}

Code begin_filter() {
  Code code;
  add(code, BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  add(code, BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0);
  add(code, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  return code;
}

void install(Code& code) {
  const sock_fprog program = {static_cast<unsigned short>(code.size()), code.data()};
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

// The text must not straddle a 4 GiB boundary, so that one word of the address decides.
bool install_listed() {
  const Range text = library_text();
  if (text.from >> 32 != text.to >> 32) return false;
  constexpr unsigned kAddress = offsetof(seccomp_data, instruction_pointer);
  Code code = begin_filter();
  const auto calls = static_cast<unsigned char>(2 * (sizeof kListed / sizeof *kListed) + 1);
  add(code, BPF_LD | BPF_W | BPF_ABS, kAddress + 4);
  add(code, BPF_JMP | BPF_JEQ | BPF_K, text.from >> 32, 0, static_cast<unsigned char>(calls + 4));
  add(code, BPF_LD | BPF_W | BPF_ABS, kAddress);
  add(code, BPF_JMP | BPF_JGE | BPF_K, text.from & 0xffffffff, 0,
      static_cast<unsigned char>(calls + 2));
  add(code, BPF_JMP | BPF_JGE | BPF_K, text.to & 0xffffffff, static_cast<unsigned char>(calls + 1));
  add(code, BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (const int call : kListed) {
    add(code, BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned long>(call), 0, 1);
    add(code, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  add(code, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  add(code, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  install(code);
  return true;
}

void install_without_madvise() {
  Code code = begin_filter();
  add(code, BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  add(code, BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 1);
  add(code, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  add(code, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  install(code);
}

void churn(unsigned long seed) {
  Random random(seed);
  void* blocks[400] = {};
  for (int i = 0; i < 60000; ++i) {
    void*& slot = blocks[random.below(400)];
    const size_t size =
        random.below(100) == 0 ? 20000 + random.below(3 * kMiB) : mixed_size(random);
    if (random.below(10) == 0) {
      slot = realloc(slot, size);
    } else {
      free(slot);
      slot = random.below(10) == 0 ? calloc(1, size) : malloc(size);
    }
    REQUIRE(slot != nullptr);
    memset(slot, 1, size < 4096 ? size : 4096);
  }
  for (void* block : blocks) free(block);
}

// All reports; nobody reads them.
void report() {
  const int error = dup(STDERR_FILENO);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  REQUIRE(error >= 0 && dup2(nowhere, STDERR_FILENO) >= 0);
  malloc_stats();
  dup2(error, STDERR_FILENO);
  close(nowhere);
  close(error);
  EXPECT(mallinfo2().arena != 0);
  using Print = size_t(char*, size_t);
  for (const char* name : {"tamari_stats_json", "tamari_stats_text"}) {
    static char text[1 << 16];
    auto* print = reinterpret_cast<Print*>(dlsym(RTLD_DEFAULT, name));
    EXPECT(print == nullptr || print(text, sizeof text) != 0);
  }
}

void everything() {
  for (int round = 0; round < 2; ++round) {
    std::vector<std::thread> threads;
    for (unsigned long t = 1; t <= 4; ++t) threads.emplace_back(churn, t);
    for (std::thread& thread : threads) thread.join();
    sleep_ms(2000);  // the background thread purges
    malloc_trim(0);
    report();
  }
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    churn(9);
    _exit(expect_status());
  }
  EXPECT(wait_for(child) == 0);
}

void listed() {
  if (!expect_library()) return;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const bool installed = install_listed();
    everything();
    _exit(!installed ? 77 : expect_status());
  }
  const int status = wait_for(child);
  if (status == 77) _exit(77);
  at_most("exit status of a process that dies of any call not listed", status, 0, "");
}

void without_madvise() {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    install_without_madvise();
    everything();
    const long once = resident_kib();
    everything();
    at_most("growth of a process that may not madvise", static_cast<double>(resident_kib() - once),
            16 << 10, "KiB");
    _exit(expect_status());
  }
  close(ends[1]);
  static char text[1 << 16];
  size_t lines = 0;
  for (ssize_t got; (got = read(ends[0], text, sizeof text)) > 0;) {
    for (ssize_t i = 0; i < got; ++i) lines += text[i] == '\n';
  }
  EXPECT(wait_for(child) == 0);
  at_most("lines that it wrote", static_cast<double>(lines), 1, "lines");
}

constexpr Case kCases[] = {{"listed", listed}, {"without_madvise", without_madvise}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
