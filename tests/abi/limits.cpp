// Little memory: limits on data, on address space beside other threads, locked memory, a closed
// standard error. Out of memory is NULL with ENOMEM, in every thread, and afterwards all works as
// before. (tests/endurance/limits.cpp: limits on address space in steps.)

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>

#include <thread>

#include "exhaust.h"
#include "process.h"

namespace {

constexpr size_t kMiB = 1 << 20;
constexpr int kSkipped = 77;

// What one size had must be there for every other once it is freed.
void exhaust_all_sizes(size_t least) {
  for (const size_t size : {size_t{100}, size_t{5000}, size_t{70000}, kMiB, size_t{100}, kMiB}) {
    Chain* chain = nullptr;
    const size_t bytes = allocate_until_null(size, chain);
    if (bytes < least) expect_fail(__FILE__, __LINE__, "%zu bytes of %zu", bytes, size);
    expect_all_refuse(64 * kMiB);
    free_chain(chain);
    void* again = malloc(least / 2);
    EXPECT(again != nullptr);
    free(again);
  }
}

[[noreturn]] void limited(int resource, size_t bytes, const char* inside) {
  const rlimit limit = {bytes, bytes};
  REQUIRE(setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0);
  exec_self(inside);
}

void data_segment() { limited(RLIMIT_DATA, 128 * kMiB, "inside_data"); }
void inside_data() { exhaust_all_sizes(64 * kMiB); }

// What was refused takes nothing of the limit.
void refused_first() { limited(RLIMIT_DATA, 256 * kMiB, "inside_refused"); }

void expect_mappable(size_t bytes) {
  void* others = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT(others != MAP_FAILED);
  munmap(others, bytes);
}

void inside_refused() {
  for (size_t size = size_t{1} << 39; size >= size_t{1} << 29; size /= 2) expect_all_refuse(size);
  // Down to where the block would fit, but not what is recorded of it.
  void* largest = nullptr;
  for (size_t size = 256 * kMiB; largest == nullptr; size -= 128 << 10) {
    largest = malloc(size);
    if (largest == nullptr) expect_mappable(128 * kMiB);
  }
  free(largest);
  exhaust_all_sizes(176 * kMiB);
}

void worker_threads() { limited(RLIMIT_AS, 256 * kMiB, "inside_threads"); }

void* exhaust_beside_others(void* gate) {
  for (int round = 0; round < 5; ++round) {
    pthread_barrier_wait(static_cast<pthread_barrier_t*>(gate));
    Chain* chain = nullptr;
    allocate_until_null(round % 2 == 0 ? 3000 : 100000, chain);
    pthread_barrier_wait(static_cast<pthread_barrier_t*>(gate));
    free_chain(chain);
  }
  return nullptr;
}

void inside_threads() {
  constexpr unsigned kThreads = 8;
  pthread_t threads[kThreads];
  pthread_barrier_t gate;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 << 10);
  pthread_barrier_init(&gate, nullptr, kThreads);
  for (pthread_t& thread : threads) {
    REQUIRE(pthread_create(&thread, &attributes, exhaust_beside_others, &gate) == 0);
  }
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  exhaust_all_sizes(32 * kMiB);
}

// As databases and virtual machines do: the heap's place is not reserved, and still stays its own.
void reservations() {
  constexpr size_t kTebibyte = size_t{1} << 40;
  constexpr int kNone = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  free(opaque(malloc(100)));
  for (int i = 0; i < 7; ++i)
    REQUIRE(mmap(nullptr, kTebibyte, PROT_NONE, kNone, -1, 0) != MAP_FAILED);
  for (int i = 0; i < 16; ++i) {
    char* block = static_cast<char*>(malloc(64 * kMiB));
    REQUIRE(block != nullptr);
    block[0] = block[64 * kMiB - 1] = 1;
  }
}

// Of the process itself, once the library has started: what it has not used is not counted.
void later_limit() {
  const rlimit limit = {256 * kMiB, 256 * kMiB};
  REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
  void* others = mmap(nullptr, 64 * kMiB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(others != MAP_FAILED);
  munmap(others, 64 * kMiB);
  expect_all_refuse(1024 * kMiB);
  inside_threads();
}

void* allocate_some(void*) {
  for (size_t size = 16; size < 2 * kMiB; size *= 2) {
    char* block = static_cast<char*>(malloc(size));
    REQUIRE(block != nullptr);
    block[size - 1] = 1;
    free(block);
  }
  return nullptr;
}

// Locked memory is resident as soon as it is mapped writable: the library may map only what it
// uses. Purging locked memory fails, which must not matter.
void lock_memory(int flags) {
  if (mlockall(flags) != 0) {
    fprintf(stderr, "mlockall is not permitted here\n");
    _exit(kSkipped);
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 << 10);
  for (int i = 0; i < 8; ++i) {
    pthread_t thread;
    REQUIRE(pthread_create(&thread, &attributes, allocate_some, nullptr) == 0);
    pthread_join(thread, nullptr);
  }
  allocate_some(nullptr);
  malloc_trim(0);
  allocate_some(nullptr);
  EXPECT_AT_MOST(resident_kib(), 64 << 10);
}

void locked_future() { lock_memory(MCL_FUTURE); }
void locked_all() { lock_memory(MCL_CURRENT | MCL_FUTURE); }

// A setting to complain about and nowhere to complain to.
void closed_stderr() {
  REQUIRE(setenv("TAMARI_CONF", "no_such_key=1", 1) == 0);
  close(STDERR_FILENO);
  exec_self("inside_closed");
}

// The descriptor is the program's to give away: nothing may be written there later.
void inside_closed() {
  char text[16];
  int ends[2];
  REQUIRE(open("/dev/null", O_RDONLY) == STDERR_FILENO);
  REQUIRE(pipe2(ends, O_NONBLOCK) == 0 && dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
  std::thread(allocate_some, nullptr).join();
  errno = 0;
  EXPECT(malloc(opaque(size_t{1} << 60)) == nullptr && errno == ENOMEM);
  EXPECT(read(ends[0], text, sizeof text) == -1 && errno == EAGAIN);
}

constexpr Case kCases[] = {{"data_segment", data_segment},   {"inside_data", inside_data},
                           {"refused_first", refused_first}, {"inside_refused", inside_refused},
                           {"later_limit", later_limit},     {"reservations", reservations},
                           {"threads", worker_threads},      {"inside_threads", inside_threads},
                           {"locked_future", locked_future}, {"locked_all", locked_all},
                           {"closed_stderr", closed_stderr}, {"inside_closed", inside_closed}};

}  // namespace

int main(int argc, char** argv) { return run_case(kCases, argc, argv); }
