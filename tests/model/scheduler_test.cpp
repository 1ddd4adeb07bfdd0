// The scheduler itself: it must find what is there to be found, and nothing else.
#include "scheduler.h"

#include <gtest/gtest.h>

#include "payload.h"
#include "scheduled_atomic.h"

namespace model {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;
constexpr Options kWeak{.memory = Memory::kWeak};

struct TwoThreads : Scenario {
  size_t threads() const override { return 2; }
};

struct Steps : TwoThreads {
  void run(size_t thread) override {
    for (int i = 0; i < 3; ++i) words[thread].store(i, kRelaxed);
  }
  ScheduledAtomic<int> words[2];
};

TEST(Scheduler, RunsEveryInterleavingOnce) {
  const Result all = explore<Steps>({});
  EXPECT_TRUE(all.complete);
  // The first thread is chosen before its first step: 6 choose 3, and each start counts apart.
  EXPECT_GE(all.executions, 20U);
  EXPECT_LE(all.executions, 2 * 35U);
  const Result none = explore<Steps>({.preemptions = 0});
  EXPECT_TRUE(none.complete);
  EXPECT_EQ(none.executions, 2U);
}

struct LostUpdate : TwoThreads {
  void run(size_t) override { word.store(word.load(kRelaxed) + 1, kRelaxed); }
  void finish() override { check(word.load() == 2, "an increment is lost"); }
  ScheduledAtomic<int> word;
};

struct AtomicUpdate : LostUpdate {
  void run(size_t) override { word.fetch_add(1, kRelaxed); }
};

TEST(Scheduler, FindsALostUpdate) {
  EXPECT_TRUE(explore<LostUpdate>({}).failed);
  EXPECT_TRUE(explore<LostUpdate>({.random_executions = 200}).failed);
  EXPECT_FALSE(explore<LostUpdate>({.preemptions = 0}).failed);
  EXPECT_TRUE(explore<AtomicUpdate>({}).complete);
  EXPECT_TRUE(explore<AtomicUpdate>(kWeak).complete);
}

TEST(Scheduler, NamesTheSeedOfAFailureAndRunsItAgain) {
  const Result found = explore<LostUpdate>({.random_executions = 200});
  const std::string key = "TAMARI_MODEL_SEED=";
  const size_t at = found.report.find(key);
  ASSERT_NE(at, std::string::npos);
  setenv("TAMARI_MODEL_SEED",
         std::to_string(std::stoull(found.report.substr(at + key.size()))).c_str(), 1);
  const Result again = explore<LostUpdate>({.random_executions = 200});
  unsetenv("TAMARI_MODEL_SEED");
  EXPECT_TRUE(again.failed);
  EXPECT_EQ(again.executions, 1U);
}

// Each thread raises its flag and looks at the other's: both may see nothing on real machines.
struct StoreBuffering : TwoThreads {
  explicit StoreBuffering(std::memory_order o) : order(o) {}
  void run(size_t thread) override {
    flags[thread].store(1, order);
    saw[thread] = flags[1 - thread].load(order);
  }
  void finish() override { check(saw[0] + saw[1] > 0, "both threads saw nothing"); }
  std::memory_order order;
  ScheduledAtomic<int> flags[2];
  int saw[2] = {};
};

TEST(Scheduler, HasStoreBuffersInWeakMemoryOnly) {
  EXPECT_TRUE(explore<StoreBuffering>({}, kRelaxed).complete);
  EXPECT_TRUE(explore<StoreBuffering>(kWeak, kRelaxed).failed);
  EXPECT_TRUE(explore<StoreBuffering>(kWeak, std::memory_order_seq_cst).complete);
}

struct BarrierBuffering : StoreBuffering {
  BarrierBuffering() : StoreBuffering(kRelaxed) {}
  void run(size_t thread) override {
    flags[thread].store(1, kRelaxed);
    if (thread == 0) barrier_all_threads();
    saw[thread] = flags[1 - thread].load(kRelaxed);
  }
};

TEST(Scheduler, OneBarrierForAllFlushesEveryStoreBuffer) {
  EXPECT_TRUE(explore<BarrierBuffering>(kWeak).complete);
}

struct Message : TwoThreads {
  Message(std::memory_order s, std::memory_order l) : on_store(s), on_load(l) {}
  void run(size_t thread) override {
    if (thread == 0) {
      data.set(7);
      word.store(1, kRelaxed);
      ready.store(1, on_store);
    } else if (ready.load(on_load) == 1) {
      check(word.load(kRelaxed) == 1, "the word before the flag is not there");
      check(data.get() == 7, "the data before the flag are not there");
    }
  }
  std::memory_order on_store, on_load;
  Payload<int> data;
  ScheduledAtomic<int> ready, word;
};

TEST(Scheduler, FindsOrdersThatAreTooWeak) {
  for (Memory memory : {Memory::kSequential, Memory::kWeak}) {
    const Options options{.memory = memory};
    EXPECT_TRUE(explore<Message>(options, kRelease, kAcquire).complete);
    EXPECT_TRUE(explore<Message>(options, kRelaxed, kAcquire).failed);
    EXPECT_TRUE(explore<Message>(options, kRelease, kRelaxed).failed);
  }
}

// A read-modify-write carries on what a release began; a plain store does not.
struct ReleaseSequence : Scenario {
  explicit ReleaseSequence(bool r) : read_modify_write(r) {}
  size_t threads() const override { return 3; }
  void run(size_t thread) override {
    if (thread == 0) {
      data.set(7);
      word.store(1, kRelease);
    } else if (thread == 1) {
      if (word.load(kRelaxed) != 1) return;
      read_modify_write ? (void)word.fetch_add(1, kRelaxed) : word.store(2, kRelaxed);
    } else if (word.load(kAcquire) == 2) {
      data.get();
    }
  }
  bool read_modify_write;
  Payload<int> data;
  ScheduledAtomic<int> word;
};

TEST(Scheduler, KnowsReleaseSequences) {
  EXPECT_TRUE(explore<ReleaseSequence>(kWeak, true).complete);
  EXPECT_TRUE(explore<ReleaseSequence>(kWeak, false).failed);
}

struct Waiting : TwoThreads {
  explicit Waiting(bool w) : wakes(w) {}
  void run(size_t thread) override {
    if (thread == 0) wait_until([&] { return open; });
    if (thread == 1 && wakes) open = true;
  }
  bool wakes;
  bool open = false;
};

TEST(Scheduler, FindsDeadlocks) {
  EXPECT_TRUE(explore<Waiting>({}, true).complete);
  const Result stuck = explore<Waiting>({}, false);
  EXPECT_TRUE(stuck.failed);
  EXPECT_NE(stuck.report.find("deadlock"), std::string::npos) << stuck.report;
}

struct Spinning : TwoThreads {
  explicit Spinning(bool s) : stops(s) {}
  void run(size_t thread) override {
    while (thread == 0 && word.load(kRelaxed) == 0) yield();
    if (thread == 1 && stops) word.store(1, kRelaxed);
  }
  bool stops;
  ScheduledAtomic<int> word;
};

TEST(Scheduler, FindsLivelocks) {
  EXPECT_TRUE(explore<Spinning>({.most_steps = 500}, true).complete);
  const Result stuck = explore<Spinning>({.most_steps = 500}, false);
  EXPECT_TRUE(stuck.failed);
  EXPECT_NE(stuck.report.find("livelock"), std::string::npos) << stuck.report;
}

struct WeakExchange : TwoThreads {
  size_t threads() const override { return 1; }
  void run(size_t) override {
    int expected = 0;
    check(word.compare_exchange_weak(expected, 1, kRelaxed), "failed for no reason");
  }
  ScheduledAtomic<int> word;
};

TEST(Scheduler, LetsAWeakExchangeFail) {
  EXPECT_TRUE(explore<WeakExchange>({}).complete);
  EXPECT_TRUE(explore<WeakExchange>({.spurious_failures = true}).failed);
}

}  // namespace
}  // namespace model
