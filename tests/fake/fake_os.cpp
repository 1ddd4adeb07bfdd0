#include "fake_os.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <map>

namespace tamari::os {
namespace {

using Mappings = ::std::map<char*, size_t>;

Mappings& mappings() {
  static Mappings all;
  return all;
}

void* map(void* address, size_t bytes, int access, int flags) {
  flags |= MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* got = mmap(address, bytes, access, flags, -1, 0);
  if (got == MAP_FAILED) return nullptr;
  mappings()[static_cast<char*>(got)] = bytes;
  return got;
}

}  // namespace

Fake g_fake;

bool FakeCall::allowed() {
  ++calls;
  if (fails_at == 0) return true;
  if (fails_at > 1) {
    --fails_at;
    return true;
  }
  if (!fails_on) fails_at = 0;
  return false;
}

void reset_fake() {
  for (const auto& [start, bytes] : mappings()) munmap(start, bytes);
  mappings().clear();
  g_fake = Fake{};
}

const StartInfo& start_info() { return g_fake.info; }
const char* environment(const char*) { return nullptr; }

void* reserve(size_t bytes) {
  if (!g_fake.reserve.allowed() || bytes > g_fake.most_reserved) return nullptr;
  return map(nullptr, bytes, PROT_NONE, 0);
}

// Cuts the range out of what is recorded.
bool unreserve(void* address, size_t bytes) {
  if (munmap(address, bytes) != 0) return false;
  auto* start = static_cast<char*>(address);
  char* end = start + bytes;
  Mappings kept;
  for (const auto& [first, length] : mappings()) {
    char* last = first + length;
    if (last <= start || first >= end) {
      kept[first] = length;
      continue;
    }
    if (first < start) kept[first] = static_cast<size_t>(start - first);
    if (last > end) kept[end] = static_cast<size_t>(last - end);
  }
  mappings().swap(kept);
  return true;
}

Commit commit(void* address, size_t bytes, Below) {
  if (g_fake.on_commit != nullptr) g_fake.on_commit();
  if (!g_fake.commit.allowed()) return Commit::kRefused;
  if (map(address, bytes, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE) != nullptr)
    return Commit::kDone;
  return errno == EEXIST ? Commit::kTaken : Commit::kRefused;
}

bool remap_fresh(void* address, size_t bytes) {
  return g_fake.remap.allowed() &&
         mmap(address, bytes, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == address;
}

bool purge(void* address, size_t bytes) {
  return g_fake.purge.allowed() && madvise(address, bytes, MADV_DONTNEED) == 0;
}

bool protect(void* address, size_t bytes) { return mprotect(address, bytes, PROT_NONE) == 0; }
bool unprotect(void* address, size_t bytes) {
  return mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0;
}

bool make_read_only(void* address, size_t bytes) {
  return mprotect(address, bytes, PROT_READ) == 0;
}

void watch_faults(void (*)(const void*)) {}
int stack(void**, int) { return 0; }
Module module_of(void*) { return {"?", 0}; }

bool move_pages(void* from, void* to, size_t bytes) {
  if (!g_fake.move.allowed() || !g_fake.can_move) return false;
  constexpr int kDontUnmap = 4;
  return mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED | kDontUnmap, to) == to;
}

void advise_huge_pages(void*, size_t, HugePages policy) {
  g_fake.huge_pages.allowed();
  g_fake.last_huge_pages = policy;
}

uint64_t address_space_limit() { return g_fake.address_space_limit; }
uint64_t now_ms() { return g_fake.now_ms; }
int thread_id() { return static_cast<int>(syscall(SYS_gettid)); }
int process_id() { return getpid(); }

bool futex_wait(const void* word, uint32_t expected, uint32_t timeout_ms) {
  if (g_fake.on_futex_wait == nullptr) return true;
  return g_fake.on_futex_wait(word, expected, timeout_ms);
}
void nap(uint32_t ms) {
  if (g_fake.on_nap != nullptr) g_fake.on_nap(ms);
}
void futex_wake(const void* word, int count) {
  if (g_fake.on_futex_wake != nullptr) g_fake.on_futex_wake(word, count);
}

bool start_thread(int (*)(void*), void*, std::atomic<int>&) { return false; }
void name_thread(const char*) {}
bool has_rights_of_process() { return true; }

bool barrier_all_threads() {
  if (!g_fake.barrier.allowed() || !g_fake.has_barrier) return false;
  if (g_fake.on_barrier != nullptr) g_fake.on_barrier();
  return true;
}

bool write_all(int fd, const char* text, size_t length) {
  return write(fd, text, length) == static_cast<ssize_t>(length);
}
int open_for_writing(const char*) { return -1; }
long read_file(const char*, char*, size_t) { return -1; }
void close(int) {}
uint64_t resident_bytes() { return 0; }
bool look_resident(const void* address, size_t bytes, unsigned char* pages) {
  return mincore(const_cast<void*>(address), bytes, pages) == 0;
}
void exit_now(int status) { _exit(status); }
void abort_now() { abort(); }

}  // namespace tamari::os
