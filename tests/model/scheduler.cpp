#include "scheduler.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "choices.h"
#include "fiber.h"
#include "memory.h"

namespace model {
namespace {

struct Abandon {};  // thrown through the threads of a failed execution

bool acquires(Order order) {
  return order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst || order == std::memory_order_consume;
}
bool releases(Order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

class Execution {
 public:
  Execution() {
    for (size_t i = 0; i < kMostThreads; ++i)
      fibers_.push_back(std::make_unique<Fiber>(entry, reinterpret_cast<void*>(i)));
  }

  bool run(const Options& options, Scenario& scenario, Choices& choices, bool traced);
  const std::string& failure() const { return failure_; }
  const std::string& trace() const { return trace_; }
  bool is_running() const { return running_ && !failed_; }

  void step();
  void fail(const char* what);
  void wait_until(const std::function<bool()>& ready);
  void yield();

  uint64_t load(const void* address, uint64_t in_place, Order order);
  void store(const void* address, uint64_t in_place, uint64_t value, Order order);
  uint64_t modify(const void* address, uint64_t in_place, Order order, Order order_on_failure,
                  const std::function<bool(uint64_t&)>& change);
  void fence(Order order);
  void barrier();
  bool fails_spuriously();
  void forget(const void* address) { words_.forget(address); }

  size_t current() const { return current_; }
  View& view() { return threads_[current_].view; }
  uint32_t next_time() { return ++view().clock[current_]; }

 private:
  struct Thread {
    bool done = true;
    bool yielded = false;
    const std::function<bool()>* ready = nullptr;  // while it waits
    View view;
  };

  static void entry(void* index);
  void reset(const Options& options, Scenario& scenario, Choices& choices, bool traced);
  bool enabled(size_t thread) const;
  size_t pick(bool current_can_go_on);
  void go_to(size_t thread);
  void leave();
  void acquire(const Clock& clock, Order order);
  Clock release_clock(Order order);
  void note(const char* what, const void* address, uint64_t value);

  Fiber main_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::array<Thread, kMostThreads> threads_;
  Words words_;
  Clock sequential_{};  // known to every seq_cst operation
  const Options* options_ = nullptr;
  Scenario* scenario_ = nullptr;
  Choices* choices_ = nullptr;
  size_t thread_count_ = 0, current_ = 0, steps_ = 0, preemptions_ = 0, stale_reads_ = 0;
  size_t spurious_failures_ = 0;
  bool running_ = false, failed_ = false, traced_ = false;
  std::string failure_, trace_;
};

Execution* g_execution = nullptr;

void Execution::reset(const Options& options, Scenario& scenario, Choices& choices, bool traced) {
  options_ = &options;
  scenario_ = &scenario;
  choices_ = &choices;
  traced_ = traced;
  thread_count_ = scenario.threads();
  threads_ = {};
  for (size_t i = 0; i < thread_count_; ++i) {
    threads_[i].done = false;
    threads_[i].view.clock[i] = 1;
    fibers_[i]->restart();
  }
  words_.clear();
  sequential_ = {};
  steps_ = preemptions_ = stale_reads_ = spurious_failures_ = 0;
  failed_ = false;
  failure_.clear();
  trace_.clear();
}

bool Execution::run(const Options& options, Scenario& scenario, Choices& choices, bool traced) {
  reset(options, scenario, choices, traced);
  running_ = true;
  current_ = choices.choose(thread_count_, 0);
  Fiber::switch_to(main_, *fibers_[current_]);
  // Those that a failure stopped unwind, one after the other.
  for (size_t i = 0; i < thread_count_; ++i) {
    current_ = i;
    if (!threads_[i].done) Fiber::switch_to(main_, *fibers_[i]);
  }
  running_ = false;
  if (!failed_) {
    try {
      scenario.finish();
    } catch (const Abandon&) {
    }
  }
  return !failed_;
}

void Execution::entry(void* index) {
  Execution& self = *g_execution;
  const auto thread = reinterpret_cast<size_t>(index);
  if (!self.failed_) {
    try {
      self.scenario_->run(thread);
    } catch (const Abandon&) {
    }
  }
  self.leave();
}

void Execution::leave() {
  threads_[current_].done = true;
  if (!failed_) {
    const size_t next = pick(false);
    if (next < thread_count_) {
      Fiber& from = *fibers_[current_];
      current_ = next;
      Fiber::switch_to(from, *fibers_[next]);
    } else {
      for (size_t i = 0; i < thread_count_; ++i) {
        if (!threads_[i].done && !failed_) {
          failed_ = true;
          failure_ = "deadlock: the threads left all wait";
        }
      }
    }
  }
  Fiber::switch_to(*fibers_[current_], main_);
}

bool Execution::enabled(size_t thread) const {
  const Thread& t = threads_[thread];
  return !t.done && (t.ready == nullptr || (*t.ready)());
}

// The thread to run next, or thread_count_ when none can. The current one comes first.
size_t Execution::pick(bool current_can_go_on) {
  std::array<size_t, kMostThreads> order{};
  size_t count = 0;
  if (current_can_go_on) order[count++] = current_;
  const bool may_switch = !current_can_go_on || preemptions_ < options_->preemptions;
  for (int yielded = 0; yielded < 2 && may_switch; ++yielded) {
    if (yielded == 1 && count > 0) break;  // those that yielded run when nobody else can
    for (size_t i = 0; i < thread_count_; ++i) {
      if (current_can_go_on && i == current_) continue;
      if (threads_[i].yielded == (yielded == 1) && enabled(i)) order[count++] = i;
    }
  }
  if (count == 0) return thread_count_;
  const size_t next = order[choices_->choose(count, current_can_go_on ? 4 : 0)];
  if (current_can_go_on && next != current_) ++preemptions_;
  return next;
}

void Execution::go_to(size_t thread) {
  if (thread != current_) {
    Fiber& from = *fibers_[current_];
    current_ = thread;
    Fiber::switch_to(from, *fibers_[thread]);
    if (failed_) throw Abandon{};
  }
  for (Thread& other : threads_) other.yielded = false;
}

void Execution::step() {
  if (failed_) throw Abandon{};
  if (++steps_ > options_->most_steps) fail("no end in sight: livelock, or most_steps is too low");
  go_to(pick(true));
}

void Execution::fail(const char* what) {
  if (!failed_) failure_ = what;
  failed_ = true;
  throw Abandon{};
}

void Execution::wait_until(const std::function<bool()>& ready) {
  step();
  if (ready()) return;
  threads_[current_].ready = &ready;
  const size_t next = pick(false);
  if (next == thread_count_) fail("deadlock: all threads wait");
  go_to(next);
  threads_[current_].ready = nullptr;
}

void Execution::yield() {
  if (failed_) throw Abandon{};
  if (++steps_ > options_->most_steps) fail("no end in sight: livelock, or most_steps is too low");
  threads_[current_].yielded = true;
  go_to(pick(false));
}

void Execution::note(const char* what, const void* address, uint64_t value) {
  if (!traced_) return;
  char line[120];
  std::snprintf(line, sizeof line, "  thread %zu: %-8s %p %#lx\n", current_, what, address, value);
  trace_ += line;
}

// --- Memory ----------------------------------------------------------------------------------

void Execution::acquire(const Clock& clock, Order order) {
  join(acquires(order) ? view().clock : view().unacquired, clock);
}

Clock Execution::release_clock(Order order) {
  return releases(order) ? view().clock : view().released;
}

uint64_t Execution::load(const void* address, uint64_t in_place, Order order) {
  step();
  if (order == std::memory_order_seq_cst) fence(order);
  Word& word = words_.at(address, in_place);
  const size_t newest = word.stores.size() - 1;
  size_t at = newest;
  if (options_->memory == Memory::kWeak && stale_reads_ < options_->stale_reads) {
    const size_t oldest = word.oldest_readable(current_, view().clock);
    at -= choices_->choose(newest - oldest + 1, 6);
    if (at != newest) ++stale_reads_;
  }
  word.seen[current_] = at;
  acquire(word.stores[at].release, order);
  note(at == newest ? "load" : "stale", address, word.stores[at].value);
  return word.stores[at].value;
}

void Execution::store(const void* address, uint64_t in_place, uint64_t value, Order order) {
  step();
  if (order == std::memory_order_seq_cst) fence(order);
  Word& word = words_.at(address, in_place);
  const uint32_t time = next_time();
  word.seen[current_] = word.stores.size();
  word.stores.push_back({value, current_, time, release_clock(order)});
  if (order == std::memory_order_seq_cst) fence(order);
  note("store", address, value);
}

uint64_t Execution::modify(const void* address, uint64_t in_place, Order order,
                           Order order_on_failure, const std::function<bool(uint64_t&)>& change) {
  step();
  Word& word = words_.at(address, in_place);
  const Store before = word.stores.back();
  uint64_t value = before.value;
  const bool changed = change(value);
  const Order effective = changed ? order : order_on_failure;
  if (effective == std::memory_order_seq_cst) fence(effective);
  word.seen[current_] = word.stores.size() - 1;
  acquire(before.release, effective);
  note(changed ? "modify" : "refused", address, changed ? value : before.value);
  if (!changed) return before.value;
  const uint32_t time = next_time();
  Clock release = release_clock(order);
  join(release, before.release);  // the release sequence goes on
  word.seen[current_] = word.stores.size();
  word.stores.push_back({value, current_, time, release});
  if (order == std::memory_order_seq_cst) fence(order);
  return before.value;
}

void Execution::fence(Order order) {
  if (acquires(order)) join(view().clock, view().unacquired);
  if (order == std::memory_order_seq_cst) {
    join(view().clock, sequential_);
    join(sequential_, view().clock);
  }
  if (releases(order)) view().released = view().clock;
}

void Execution::barrier() {
  step();
  Clock all{};
  for (size_t i = 0; i < thread_count_; ++i) {
    join(all, threads_[i].view.clock);
    join(all, threads_[i].view.unacquired);
  }
  join(all, sequential_);
  for (size_t i = 0; i < thread_count_; ++i) threads_[i].view.clock = all;
  for (size_t i = 0; i < thread_count_; ++i) threads_[i].view.released = all;
  sequential_ = all;
  note("barrier", nullptr, 0);
}

bool Execution::fails_spuriously() {
  if (!options_->spurious_failures || spurious_failures_ > 0) return false;
  if (choices_->choose(2, 6) == 0) return false;
  ++spurious_failures_;
  return true;
}

// --- Search ----------------------------------------------------------------------------------

std::string describe(const Execution& execution, const std::string& how) {
  return execution.failure() + "\n" + how + "\n" + execution.trace();
}

Result search(const Options& options, const std::function<std::unique_ptr<Scenario>()>& make) {
  const char* wish = std::getenv("TAMARI_MODEL_SEED");
  const bool random = options.random_executions != 0;
  const uint64_t first_seed = random && wish != nullptr ? std::strtoull(wish, nullptr, 10) : 1;
  uint64_t most = random ? options.random_executions : options.most_executions;
  if (random && wish != nullptr) most = 1;

  Execution execution;
  g_execution = &execution;
  Choices choices;
  Result result;
  while (result.executions < most) {
    const uint64_t seed = first_seed + result.executions;
    random ? choices.start_random(seed) : choices.start();
    ++result.executions;
    if (!execution.run(options, *make(), choices, false)) {
      choices.replay();
      execution.run(options, *make(), choices, true);  // the same again, to tell the steps
      result.failed = true;
      result.report = describe(execution, random ? "TAMARI_MODEL_SEED=" + std::to_string(seed)
                                                 : "choices: " + choices.text());
      break;
    }
    if (!random && !choices.next()) {
      result.complete = true;
      break;
    }
  }
  g_execution = nullptr;
  return result;
}

}  // namespace

Result explore(const Options& options, const std::function<std::unique_ptr<Scenario>()>& make) {
  return search(options, make);
}

void check(bool holds, const char* what) {
  if (!holds) g_execution->fail(what);
}
void wait_until(const std::function<bool()>& ready) { g_execution->wait_until(ready); }
void yield() {
  if (is_running()) g_execution->yield();
}
void barrier_all_threads() {
  if (is_running()) g_execution->barrier();
}
bool is_running() { return g_execution != nullptr && g_execution->is_running(); }
uint64_t load(const void* word, uint64_t in_place, Order order) {
  return g_execution->load(word, in_place, order);
}
void store(const void* word, uint64_t in_place, uint64_t value, Order order) {
  g_execution->store(word, in_place, value, order);
}
uint64_t modify(const void* word, uint64_t in_place, Order order, Order order_on_failure,
                const std::function<bool(uint64_t&)>& change) {
  return g_execution->modify(word, in_place, order, order_on_failure, change);
}
bool fails_spuriously() { return g_execution->fails_spuriously(); }
void forget(const void* word) {
  if (is_running()) g_execution->forget(word);
}
void fence(Order order) {
  if (is_running()) g_execution->fence(order);
}
size_t current_thread() { return g_execution->current(); }
const Clock& current_clock() { return g_execution->view().clock; }
uint32_t next_time() { return g_execution->next_time(); }

}  // namespace model
