// os.cpp - Linux, by raw system calls only.
#include "platform/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include <atomic>
#include <cstring>

#include "platform/syscall.h"

// The dynamic loader's record of the initial stack: argc, argv, environment.
extern "C" TAMARI_WEAK void* __libc_stack_end;

namespace tamari::os {
namespace {

// libc makes its stack canary and its pointer guard of the same 16 bytes: no copy of them here.
uint64_t mixed(const void* bytes) {
  uint64_t words[2];
  std::memcpy(words, bytes, sizeof words);
  uint64_t x = words[0] * 0x9E3779B97F4A7C15 + words[1];
  x = (x ^ (x >> 32)) * 6364136223846793005;  // Knuth, MMIX
  return x ^ (x >> 32);
}

// The auxiliary vector is asked for, not walked to from the environment: of a set-uid process the
// dynamic loader has closed up the latter, and its first null is not the end any more.
StartInfo read_start_info() {
  const bool secure = getauxval(AT_SECURE) != 0;
  StartInfo info{4096, secure, secure || getauxval(AT_UID) == 0, 0, nullptr};
  if (const auto page = getauxval(AT_PAGESZ); page != 0) info.page_size = page;
  if (const auto random = getauxval(AT_RANDOM); random != 0)
    info.random = mixed(reinterpret_cast<const void*>(random));
  if (&__libc_stack_end == nullptr || __libc_stack_end == nullptr) return info;
  auto* words = static_cast<uintptr_t*>(__libc_stack_end);
  info.environ = reinterpret_cast<char**>(words + 1 + words[0] + 1);
  return info;
}

long as_long(const void* pointer) { return reinterpret_cast<long>(pointer); }

long map(void* address, size_t bytes, int access, int flags) {
  return raw_syscall(SYS_mmap, as_long(address), static_cast<long>(bytes), access,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
}

bool set_access(void* address, size_t bytes, int access) {
  return !is_error(raw_syscall(SYS_mprotect, as_long(address), static_cast<long>(bytes), access));
}

// The last page below may be a guard, and what it has grown by inaccessible as it is.
bool grow_below(void* address, size_t bytes) {
  const size_t page = start_info().page_size;
  const long last = as_long(address) - static_cast<long>(page);
  const auto now = static_cast<long>(page), then = static_cast<long>(page + bytes);
  if (raw_syscall(SYS_mremap, last, now, then, 0) != last) return false;
  if (set_access(address, bytes, PROT_READ | PROT_WRITE)) return true;
  unreserve(address, bytes);
  return false;
}

timespec time_of(uint32_t ms) {
  return {static_cast<time_t>(ms / 1000), static_cast<long>(ms % 1000) * 1000000};
}

}  // namespace

const StartInfo& start_info() {
  static const StartInfo info = read_start_info();
  return info;
}

const char* environment(const char* name) {
  const char* const* entry = start_info().environ;
  if (entry == nullptr) return nullptr;
  const size_t length = std::strlen(name);
  for (; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
      return *entry + length + 1;
    }
  }
  return nullptr;
}

void* reserve(size_t bytes) {
  const long result = map(nullptr, bytes, PROT_NONE, 0);
  return is_error(result) ? nullptr : reinterpret_cast<void*>(result);
}

bool unreserve(void* address, size_t bytes) {
  return !is_error(raw_syscall(SYS_munmap, as_long(address), static_cast<long>(bytes)));
}

Commit commit(void* address, size_t bytes, Below below) {
  const long result = map(address, bytes, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE);
  if (result == -EEXIST) return Commit::kTaken;
  if (result == -ENOMEM && below == Below::kOurs && grow_below(address, bytes))
    return Commit::kDone;
  if (is_error(result)) return Commit::kRefused;
  void* got = reinterpret_cast<void*>(result);
  if (got == address) return Commit::kDone;
  unreserve(got, bytes);  // a kernel older than MAP_FIXED_NOREPLACE took it as a wish
  return Commit::kTaken;
}

bool protect(void* address, size_t bytes) { return set_access(address, bytes, PROT_NONE); }

bool unprotect(void* address, size_t bytes) {
  return set_access(address, bytes, PROT_READ | PROT_WRITE);
}

bool make_read_only(void* address, size_t bytes) {
  if ((reinterpret_cast<uintptr_t>(address) | bytes) % page_size() != 0) return false;
  return set_access(address, bytes, PROT_READ);
}

bool remap_fresh(void* address, size_t bytes) {
  return !is_error(map(address, bytes, PROT_READ | PROT_WRITE, MAP_FIXED));
}

bool purge(void* address, size_t bytes) {
  return !is_error(
      raw_syscall(SYS_madvise, as_long(address), static_cast<long>(bytes), MADV_DONTNEED));
}

bool look_resident(const void* address, size_t bytes, unsigned char* pages) {
  return !is_error(
      raw_syscall(SYS_mincore, as_long(address), static_cast<long>(bytes), as_long(pages)));
}

bool move_pages(void* from, void* to, size_t bytes) {
#ifndef MREMAP_DONTUNMAP
  constexpr int MREMAP_DONTUNMAP = 4;
#endif
  const long result =
      raw_syscall(SYS_mremap, as_long(from), static_cast<long>(bytes), static_cast<long>(bytes),
                  MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, as_long(to));
  return !is_error(result);
}

void advise_huge_pages(void* address, size_t bytes, HugePages policy) {
  if (policy == HugePages::kSystem) return;
  raw_syscall(SYS_madvise, as_long(address), static_cast<long>(bytes),
              policy == HugePages::kAlways ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

uint64_t address_space_limit() {
  struct rlimit64 limit;
  const long result = raw_syscall(SYS_prlimit64, 0, RLIMIT_AS, 0, as_long(&limit));
  if (is_error(result) || limit.rlim_cur == RLIM64_INFINITY) return UINT64_MAX;
  return limit.rlim_cur;
}

uint64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);  // vDSO: no kernel entry, no errno on success
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
}

int thread_id() { return static_cast<int>(raw_syscall(SYS_gettid)); }
int process_id() { return static_cast<int>(raw_syscall(SYS_getpid)); }

void name_thread(const char* name) { raw_syscall(SYS_prctl, PR_SET_NAME, as_long(name)); }

bool futex_wait(const void* word, uint32_t expected, uint32_t timeout_ms) {
  const timespec timeout = time_of(timeout_ms);
  const long result = raw_syscall(SYS_futex, as_long(word), FUTEX_WAIT_PRIVATE,
                                  static_cast<long>(expected), as_long(&timeout));
  return !is_error(result) || result == -EAGAIN || result == -EINTR || result == -ETIMEDOUT;
}

void nap(uint32_t ms) {
  const timespec time = time_of(ms);
  raw_syscall(SYS_nanosleep, as_long(&time), 0);
}

void futex_wake(const void* word, int count) {
  raw_syscall(SYS_futex, as_long(word), FUTEX_WAKE_PRIVATE, count);
}

bool barrier_all_threads() {
  static std::atomic<bool> registered{false};
  if (!registered.load(std::memory_order_relaxed)) {
    if (is_error(raw_syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)))
      return false;
    registered.store(true, std::memory_order_relaxed);
  }
  return !is_error(raw_syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED));
}

bool write_all(int fd, const char* text, size_t length) {
  while (length > 0) {
    const long written = raw_syscall(SYS_write, fd, as_long(text), static_cast<long>(length));
    if (written == -EINTR) continue;
    if (is_error(written) || written == 0) return false;
    text += written;
    length -= static_cast<size_t>(written);
  }
  return true;
}

int open_for_writing(const char* path) {
  return static_cast<int>(raw_syscall(SYS_openat, AT_FDCWD, as_long(path),
                                      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
}

long read_file(const char* path, char* buffer, size_t capacity) {
  const long fd = raw_syscall(SYS_openat, AT_FDCWD, as_long(path), O_RDONLY | O_CLOEXEC, 0);
  if (is_error(fd)) return fd;
  size_t length = 0;
  long got = 0;
  while (length < capacity) {
    got = raw_syscall(SYS_read, fd, as_long(buffer + length), static_cast<long>(capacity - length));
    if (got == -EINTR) continue;
    if (got <= 0) break;
    length += static_cast<size_t>(got);
  }
  raw_syscall(SYS_close, fd);
  return is_error(got) ? got : static_cast<long>(length);
}

void close(int fd) { raw_syscall(SYS_close, fd); }

uint64_t resident_bytes() {
  char text[128];
  const long length = read_file("/proc/self/statm", text, sizeof text - 1);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char* cursor = text;
  while (*cursor != ' ' && *cursor != '\0') ++cursor;  // skip the first field: total size
  uint64_t pages = 0;
  while (*cursor == ' ') ++cursor;
  for (; *cursor >= '0' && *cursor <= '9'; ++cursor)
    pages = pages * 10 + static_cast<uint64_t>(*cursor - '0');
  return pages * page_size();
}

void exit_now(int status) {
  for (;;) raw_syscall(SYS_exit_group, status);
}

void abort_now() {
  struct KernelSigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)();
    unsigned long mask;
  };
  // First as the program wants it (its handler may print a trace), then beyond appeal.
  uint64_t mask = uint64_t{1} << (SIGABRT - 1);
  raw_syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, as_long(&mask), 0, sizeof mask);
  raw_syscall(SYS_tgkill, process_id(), thread_id(), SIGABRT);
  KernelSigaction fatal{};
  raw_syscall(SYS_rt_sigaction, SIGABRT, as_long(&fatal), 0, sizeof mask);
  raw_syscall(SYS_tgkill, process_id(), thread_id(), SIGABRT);
  exit_now(127);
}

}  // namespace tamari::os
