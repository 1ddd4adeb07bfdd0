// scheduler.h - runs a few logical threads, one step at a time, in every order or in random ones.
//
// A scenario is a class with its shared state as members; explore<Scenario>(options) makes a fresh
// one for each execution, runs its threads, then its finish(). Each operation on a scheduled atomic
// (scheduled_atomic.h) is a step, and before each step the scheduler may run somebody else. It
// decides by choose(): exhaustive search walks the tree of choices depth first; random search draws
// them, and a failure names the seed (TAMARI_MODEL_SEED=n runs that one alone).
//
// Memory::kWeak: besides, a load that is not sequentially consistent may return any store that C++
// allows it to: one not older than what its thread has seen of that word, nor than the newest one
// that happens before it. That covers store buffers (a late store is an early stale read) and the
// reorderings of weaker machines, but for reads from the future. Read-modify-writes read the newest
// store. Happens-before is what the memory orders passed really give: vector clocks, carried by
// release stores and by the read-modify-writes that follow them. In both modes a Payload
// (payload.h) reports accesses that it does not order.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace model {

constexpr size_t kMostThreads = 5;
using Order = std::memory_order;
using Clock = std::array<uint32_t, kMostThreads>;

enum class Memory { kSequential, kWeak };

struct Options {
  Memory memory = Memory::kSequential;
  size_t preemptions = SIZE_MAX;   // switches away from a thread that could go on
  size_t stale_reads = 3;          // in one execution, with Memory::kWeak
  bool spurious_failures = false;  // one compare_exchange_weak an execution may fail for no reason
  uint64_t random_executions = 0;  // 0: exhaustive
  uint64_t most_executions = UINT64_MAX;  // of an exhaustive search: it is then incomplete
  size_t most_steps = 20000;              // of one execution; more is a livelock
};

struct Result {
  bool failed = false;
  bool complete = false;  // every schedule within the bounds was run
  uint64_t executions = 0;
  std::string report;  // of a failure: what, the schedule or seed, the steps
};

class Scenario {
 public:
  virtual ~Scenario() = default;
  virtual size_t threads() const = 0;
  virtual void run(size_t thread) = 0;
  virtual void finish() {}  // after all threads, unscheduled
};

Result explore(const Options& options, const std::function<std::unique_ptr<Scenario>()>& make);

template <class S, class... Arguments>
Result explore(const Options& options, const Arguments&... arguments) {
  return explore(options, [&] { return std::make_unique<S>(arguments...); });
}

// --- Called by scenarios ---------------------------------------------------------------------

// Ends this execution as a failure unless `holds`.
void check(bool holds, const char* what);

// A step at which the thread waits until `ready` holds; nothing comes between its holding and the
// thread's going on.
void wait_until(const std::function<bool()>& ready);

// A step that lets the others go first: for spinning.
void yield();

// A full fence in every thread, as one step: sys_membarrier.
void barrier_all_threads();

// --- Called by scheduled atomics and payloads --------------------------------------------------

// Whether a thread of a scenario is running (if not, accesses are plain).
bool is_running();

uint64_t load(const void* word, uint64_t in_place, Order order);
void store(const void* word, uint64_t in_place, uint64_t value, Order order);
// Reads the newest value, and replaces it if `change` wants so (it then returns true).
uint64_t modify(const void* word, uint64_t in_place, Order order, Order order_on_failure,
                const std::function<bool(uint64_t&)>& change);
bool fails_spuriously();
void forget(const void* word);
void fence(Order order);

size_t current_thread();
const Clock& current_clock();
uint32_t next_time();  // advances the current thread's own component

}  // namespace model
