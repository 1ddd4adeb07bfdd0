// bench_random_mixed_mt_remote: random allocation and release by many threads, a share of it freed
// by a neighbour. Knows nothing of any allocator: preload the one to be measured.
//
// One iteration of a thread: free everything that has arrived in its inbound ring; pick a slot; an
// occupied slot is released (REMOTE% of the time through the ring to thread i+1, otherwise free),
// an empty one is filled by malloc(MIN..MAX). With one thread there is no neighbour: all is local.
// The ring is full: MATCHED=0 frees locally and counts a fallback, MATCHED=1 waits while emptying
// its own inbound ring. No cycle of waiters can form for good: each of them empties the ring that
// the thread before it waits for.
//
// What is timed: from the moment all threads stand at the start barrier to the moment the last
// thread finishes its ITERS. A thread that finishes early keeps freeing what arrives, in small
// batches, until its producer is finished; that work belongs to the timed phase and is counted, it
// overshoots the end by one such batch at most. What is left in slots and rings is freed after the
// phase, outside the time and outside `ops`.
// ops = allocations that succeeded + releases + frees of received pointers.
//
// Slots, rings and worker states live in mapped memory populated before the start, so page faults
// of the timed phase are the allocator's and the payload's.
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>

#include "arguments.h"
#include "malloc_origin.h"
#include "process_usage.h"
#include "spsc_ring.h"
#include "worker.h"

namespace tamari::bench {
namespace {

double now_s() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

[[noreturn]] void die(const char* what, const char* advice) {
  char line[256];
  const int length =
      std::snprintf(line, sizeof line, "bench_random_mixed_mt_remote: %s: %m; %s\n", what, advice);
  (void)!write(STDERR_FILENO, line, static_cast<std::size_t>(length));
  _exit(1);
}

template <typename T>
T* map_array(std::uint64_t count) {
  void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) {
    die("cannot map slots and rings", "use fewer THREADS, SLOTS or a smaller RING");
  }
  return static_cast<T*>(memory);
}

// The stages of a run; every worker and the main thread pass each barrier together.
enum class Stage { kReady, kStart, kTimedEnd, kMeasured, kFreed, kSettled };

void pass(pthread_barrier_t* barrier, Stage) { pthread_barrier_wait(barrier); }

void* run_worker(void* argument) {
  Worker& worker = *static_cast<Worker*>(argument);
  Counts counts;  // on this thread's stack: no line shared with a neighbour
  pass(worker.barrier, Stage::kReady);
  pass(worker.barrier, Stage::kStart);
  run_iterations(worker, counts);
  worker.finished_at = now_s();
  worker.done.store(true, std::memory_order_release);  // pairs with serve_producer
  serve_producer(worker, counts);
  worker.counts = counts;
  pass(worker.barrier, Stage::kTimedEnd);
  pass(worker.barrier, Stage::kMeasured);
  free_leftovers(worker);
  pass(worker.barrier, Stage::kFreed);
  pass(worker.barrier, Stage::kSettled);
  return nullptr;
}

Worker* prepare_workers(const Arguments& arguments, pthread_barrier_t* barrier) {
  const std::uint64_t cells = SpscRing::cells_for(arguments.ring);
  Worker* workers = map_array<Worker>(arguments.threads);
  void** slots = map_array<void*>(arguments.threads * arguments.slots);
  void** rings = map_array<void*>(arguments.threads * cells);
  for (std::uint64_t i = 0; i < arguments.threads; ++i) {
    Worker* worker = new (&workers[i]) Worker;
    worker->arguments = &arguments;
    worker->previous = &workers[(i + arguments.threads - 1) % arguments.threads];
    worker->next = arguments.threads == 1 ? nullptr : &workers[(i + 1) % arguments.threads];
    worker->slots = slots + i * arguments.slots;
    worker->barrier = barrier;
    worker->index = i;
    worker->inbound.attach(rings + i * cells, arguments.ring);
  }
  return workers;
}

struct Result {
  double seconds = 0;
  Usage usage;  // of the timed phase
  Memory before;
  Memory timed_end;
  Memory settled;
  Counts counts;
};

// The rings are empty: their pages go back, so that what stays resident is not the benchmark's own.
void give_back_rings(const Arguments& arguments, const Worker* workers) {
  const std::uint64_t cells = arguments.threads * SpscRing::cells_for(arguments.ring);
  madvise(workers[0].inbound.cells(), cells * sizeof(void*), MADV_DONTNEED);
}

Result run(const Arguments& arguments) {
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, nullptr, static_cast<unsigned>(arguments.threads + 1));
  Worker* workers = prepare_workers(arguments, &barrier);
  for (std::uint64_t i = 0; i < arguments.threads; ++i) {
    errno = pthread_create(&workers[i].thread, nullptr, run_worker, &workers[i]);
    if (errno != 0) die("cannot start a thread", "use fewer THREADS or raise ulimit -u");
  }

  Result result;
  pass(&barrier, Stage::kReady);
  result.before = read_memory();
  const Usage usage_before = read_usage();
  const double started_at = now_s();
  pass(&barrier, Stage::kStart);
  pass(&barrier, Stage::kTimedEnd);
  result.usage = read_usage() - usage_before;
  result.timed_end = read_memory();
  pass(&barrier, Stage::kMeasured);
  pass(&barrier, Stage::kFreed);
  give_back_rings(arguments, workers);
  if (arguments.settle_ms != 0) sleep_ns(arguments.settle_ms * 1'000'000);
  result.settled = read_memory();
  pass(&barrier, Stage::kSettled);

  double finished_at = started_at;
  for (std::uint64_t i = 0; i < arguments.threads; ++i) {
    pthread_join(workers[i].thread, nullptr);
    finished_at = std::max(finished_at, workers[i].finished_at);
    result.counts += workers[i].counts;
  }
  result.seconds = finished_at - started_at;
  return result;
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

void print_result(const Arguments& arguments, const Result& result) {
  const Counts& counts = result.counts;
  const auto ops = static_cast<double>(counts.ops());
  const double cpu_s = result.usage.user_s + result.usage.sys_s;
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  const auto signed_number = [](std::int64_t value) { return static_cast<long long>(value); };
  char line[2048];
  const int length = std::snprintf(
      line, sizeof line,
      "ops/s=%.0f seconds=%.6f ops=%llu allocs=%llu releases=%llu received_frees=%llu threads=%llu "
      "remote_pct_effective=%.3f ring_fallbacks=%llu failed_allocs=%llu "
      "rss_peak_kib=%lld rss_kib=%lld rss_settled_kib=%lld rss_start_kib=%lld "
      "minor_faults=%lld major_faults=%lld user_s=%.6f sys_s=%.6f "
      "voluntary_switches=%lld involuntary_switches=%lld ops_per_cpu_s=%.0f "
      "cleanup_frees=%llu live_at_end=%llu\n",
      share(ops, result.seconds), result.seconds, number(counts.ops()), number(counts.allocations),
      number(counts.releases()), number(counts.received), number(arguments.threads),
      100 * share(static_cast<double>(counts.pushed), static_cast<double>(counts.releases())),
      number(counts.fallbacks), number(counts.failed_allocations),
      signed_number(result.timed_end.peak_kib), signed_number(result.timed_end.rss_kib),
      signed_number(result.settled.rss_kib), signed_number(result.before.rss_kib),
      signed_number(result.usage.minor_faults), signed_number(result.usage.major_faults),
      result.usage.user_s, result.usage.sys_s, signed_number(result.usage.voluntary_switches),
      signed_number(result.usage.involuntary_switches), share(ops, cpu_s),
      number(counts.cleanup_frees), number(counts.live()));
  (void)!write(STDOUT_FILENO, line, static_cast<std::size_t>(length));
}

}  // namespace
}  // namespace tamari::bench

int main(int argc, char** argv) {
  const tamari::bench::Arguments arguments = tamari::bench::parse_arguments(argc, argv);
  const tamari::bench::Result result = tamari::bench::run(arguments);
  tamari::bench::print_result(arguments, result);
  tamari::bench::print_malloc_origin();
  return result.counts.live() == 0 ? 0 : 1;
}
