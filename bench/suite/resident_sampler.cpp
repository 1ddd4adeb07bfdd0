// See resident_sampler.h.
#include "bench/suite/resident_sampler.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "bench/check.h"

namespace tamari::bench {
namespace {

constexpr long kPeriodNs = 10'000'000;
constexpr double kMiB = 1024 * 1024;

double now_s() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// The second number of statm is the resident set in pages.
double resident_mib(int statm) {
  char text[128];
  const ssize_t length = pread(statm, text, sizeof text - 1, 0);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char* second = std::strchr(text, ' ');
  if (second == nullptr) return 0;
  return static_cast<double>(std::strtol(second, nullptr, 10)) *
         static_cast<double>(sysconf(_SC_PAGESIZE)) / kMiB;
}

// Allocates nothing: the heap is a copy of the parent's.
[[noreturn]] void sample(pid_t parent, std::atomic<double>& integral) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/statm", parent);
  const int statm = open(path, O_RDONLY | O_CLOEXEC);
  double last = now_s();
  for (;;) {
    const timespec period{0, kPeriodNs};
    nanosleep(&period, nullptr);
    const double now = now_s();
    integral.store(integral.load(std::memory_order_relaxed) + resident_mib(statm) * (now - last),
                   std::memory_order_relaxed);
    last = now;
  }
}

}  // namespace

// _Fork runs no fork handlers: the allocator under test is not told.
ResidentSampler::ResidentSampler() {
  void* shared = mmap(nullptr, sizeof(std::atomic<double>), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  require(shared != MAP_FAILED, "the system maps a page for the sampler");
  integral_ = new (shared) std::atomic<double>(0);
  const pid_t parent = getpid();
  child_ = _Fork();
  require(child_ >= 0, "the system makes a process for the sampler");
  if (child_ == 0) sample(parent, *integral_);
}

ResidentSampler::~ResidentSampler() {
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

}  // namespace tamari::bench
